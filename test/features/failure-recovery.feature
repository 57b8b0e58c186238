Feature: Failure and recovery
  What dies costs an attempt and nothing else: the job goes on, its stream has no gap and nothing twice.

  Background:
    Given a node

  Scenario: EH-013a - Worker crashes during inference
    When a job "long" of 1500 tokens is submitted
    And "long" is answering
    And its worker is killed
    Then "long" is done with 1500 tokens
    And the tokens of "long" were shown once each, in order
    And "long" took 2 attempts, the last on another worker

  Scenario: Gap-F1 - Worker crash detection and registry cleanup
    Given an idle worker for "starter"
    When that worker is killed
    Then that worker is gone from the list, its process from the machine, its record from the home

  Scenario: LIFE-012 - Zombie process cleanup
    Given an idle worker for "starter"
    When that worker is killed
    Then nothing of its process is left, not even a zombie

  Scenario: FULL-009 - Error propagation from worker to client
    When a job is submitted for a model file that is none
    Then it has failed with "model.foreign"
    And its stream and its record give the same code, and the stream says what to do

  Scenario: EH-013b - Worker hangs during inference
    When a job "long" of 1500 tokens is submitted
    And "long" is answering
    And its worker is frozen
    Then "long" is done with 1500 tokens
    And the tokens of "long" were shown once each, in order

  Scenario: INT-012 - Queen-rbee restart with active workers
    Given a node of its own
    When a job "long" of 1500 tokens is submitted
    And a job "other" of 300 tokens is submitted
    And "long" is answering
    And the node is killed
    Then no process of it is left within 500 ms
    When a node starts in the same home
    Then "long" is done with 1500 tokens
    And the tokens of "long" were shown once each, in order
    And "other" is done with 300 tokens
    And the queen's epoch is higher than before
    And the log tells of this life of the node and of the one before

  Scenario: Every attempt of a job fails
    When a job "doomed" of 1500 tokens is submitted, and its worker is killed in each of its attempts
    Then "doomed" has failed with "job.attempts"

  Scenario: EH-003a - Worker HTTP connection lost mid-inference
    Given a node of its own whose threads and pipes can break
    When a job "long" of 1500 tokens is submitted
    And "long" is answering
    And the pipe to its worker breaks
    Then "long" is done with 1500 tokens
    And the tokens of "long" were shown once each, in order
    And "long" took 2 attempts

  Scenario: INT-013 - Rbee-hive restart with active workers
    Given a node of its own whose threads and pipes can break
    And an idle worker for the endless model
    When a job "long" of 1500 tokens is submitted
    And "long" is answering
    And the thread of the "hive" breaks
    Then "long" is done with 1500 tokens
    And the tokens of "long" were shown once each, in order
    And "rbee_thread_restarts_total" is 1 for {"thread":"hive"}
    And "long" took 1 attempts
    And the worker of "long" has 0 busy slots
    When a job "next" of 5 tokens is submitted
    Then "next" was answered by that worker
    When that worker is told to stop
    Then that worker is gone from the list, its process from the machine, its record from the home
