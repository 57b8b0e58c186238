Feature: The life of a worker
  One process per model: it is started, loads, serves, and goes when nobody needs it.

  Background:
    Given a node

  Scenario: Worker health check while loading
    When a worker for the endless model is asked for
    Then the list of workers shows it "loading" with 0 busy slots

  Scenario: Worker startup sequence
    When a worker for the endless model is asked for
    Then it is "loading" at first, and "idle" in the end
    And it has a living process, a port, slots and a backend

  Scenario: Worker registration in in-memory registry
    Given an idle worker for the endless model
    Then the list of workers and the status agree on it

  Scenario: LIFE-001 - Store worker PID on spawn
    Given an idle worker for "starter"
    Then its process is one of those that the node started, and is recorded

  Scenario: LIFE-010 - PID cleanup on worker removal
    Given an idle worker for "starter"
    When that worker is told to stop
    Then that worker is gone from the list, its process from the machine, its record from the home

  Scenario: LIFE-015 - Graceful shutdown preferred over force-kill
    When a job "long" of 1500 tokens is submitted
    And "long" is answering
    And its worker is told to stop
    Then "long" is done with 1500 tokens
    And that worker is gone from the list, its process from the machine, its record from the home

  Scenario: EH-012c - Worker crashes during startup
    When a worker for the endless model is asked for
    And the worker that loads is killed
    And a job "long" of 5 tokens is submitted
    Then "long" is done with 5 tokens

  Scenario: INT-002 - Worker churn (rapid spawn/shutdown)
    When a worker for the endless model is started and stopped 3 times
    Then none of them is left
    And every process of the node belongs to a worker on the list

  Scenario: EH-012b - Worker port already in use
    Given an idle worker for "starter"
    And an idle worker for the endless model
    Then every worker has a port of its own

  Scenario: Rbee-hive enforces idle timeout (worker dies, pool lives)
    Given a node with
      | worker.idleTimeout | 1s |
    And an idle worker for "starter"
    And that worker is gone from the list, its process from the machine, its record from the home
    When "What is a hive?" is asked as "the question"
    Then "the question" is done
    And another worker answered "the question"
