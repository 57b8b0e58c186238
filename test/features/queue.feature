Feature: The queue
  It is bounded, it is fair among equals, and what is refused is told when to come again.

  Background:
    Given a node with
      | queue.lengthMax | 3 |
      | worker.slots    | 1 |

  Scenario: EH-018a - Worker busy with all slots occupied
    When a job "running" of 1500 tokens is submitted
    And "running" is answering
    And a job "waiting" of 5 tokens is submitted
    Then "waiting" was told "queued"
    And "waiting" is queued
    And "running" is done with 1500 tokens
    And "waiting" is done with 5 tokens

  Scenario: EC6 - Queue full with retry
    When a job "running" of 1500 tokens is submitted
    And "running" is answering
    And 5 more jobs of 5 tokens are sent at once
    Then 3 of them are accepted
    And 2 of them are refused with status 429 and code "queue.full"
    And each refusal says in how many seconds to come again
    When "running" is cancelled
    And every job that was accepted has ended
    Then a job that is sent again is accepted

  Scenario: Admission reject code
    When a job "running" of 1500 tokens is submitted
    And "running" is answering
    And 5 more jobs of 5 tokens are sent at once
    Then each refusal carries a code, a message, the advice for it, and how full the queue is

  Scenario: A more urgent job overtakes those that wait
    When a job "running" of 1500 tokens is submitted
    And "running" is answering
    And a job "whenever" of 200 tokens is submitted with priority 9
    And a job "urgent" of 200 tokens is submitted with priority 0
    Then "urgent" is done
    And "urgent" was assigned before "whenever"

  Scenario: Jobs of one priority are served in the order they came
    When a job "running" of 1500 tokens is submitted
    And "running" is answering
    And a job "first" of 200 tokens is submitted with priority 5
    And a job "second" of 200 tokens is submitted with priority 5
    Then "second" is done
    And "first" was assigned before "second"

  Scenario: An idempotency key names one job, while it runs and after
    When "What is a hive?" is submitted twice at once with the idempotency key "only-once"
    Then both are the same job
    And that job is done
    When "What is a hive?" is submitted twice at once with the idempotency key "only-once"
    Then both are the same job as before
    And its tokens were shown once each, in order
