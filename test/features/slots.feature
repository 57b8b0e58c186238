Feature: Slots
  A worker answers so many jobs at once: each takes a slot when it begins and gives it back when it ends, whatever way.

  Background:
    Given a node with
      | worker.slots | 2 |

  Scenario: Allocate lease increments count
    Given an idle worker for the endless model
    Then that worker has 0 busy slots
    When a job "long" of 1500 tokens is submitted
    And "long" is answering
    Then the worker of "long" has 1 busy slots

  Scenario: Allocate multiple leases
    When a job "one" of 2500 tokens is submitted
    And a job "two" of 2500 tokens is submitted
    And "one" is answering
    And "two" is answering
    Then the worker of "two" has 2 busy slots

  Scenario: Release lease decrements count
    When a job "one" of 3000 tokens is submitted
    And a job "two" of 3000 tokens is submitted
    And "one" is answering
    And "two" is answering
    And "one" is cancelled
    Then the worker of "two" has 1 busy slots

  Scenario: Release lease never goes below zero
    Given an idle worker for the endless model
    When a job "long" of 1500 tokens is submitted
    And "long" is answering
    And "long" is cancelled
    And "long" is cancelled
    Then its slot is free
    When a job "next" of 1500 tokens is submitted
    And "next" is answering
    Then the worker of "next" has 1 busy slots

  Scenario: Allocate and release cycle
    Given an idle worker for the endless model
    When a job "one" of 5 tokens is submitted
    Then "one" is done with 5 tokens
    And its slot is free
    When a job "two" of 1500 tokens is submitted
    And "two" is answering
    Then the worker of "two" has 1 busy slots
    When "two" is cancelled
    Then its slot is free

  Scenario: Multiple pools have independent lease counts
    Given an idle worker for "starter"
    When a job "long" of 1500 tokens is submitted
    And "long" is answering
    Then the worker of "long" has 1 busy slots
    And that worker has 0 busy slots

  Scenario: Get active leases for non-existent pool
    Then each of these is refused with its status and code
      | GET  | /v1/workers/w999999/health |                      | 404 | request.not.found |
      | POST | /v1/workers/stop           | {"worker":"w999999"} | 404 | request.not.found |

  Scenario: Gap-C4 - Worker slot allocation race condition
    Given an idle worker for the endless model
    When 8 jobs of 100 tokens are submitted at once and watched to their end
    Then each of them is done with 100 tokens
    And no worker ever had more than 2 busy slots
    And its slot is free

  Scenario: INT-014 - High throughput stress test
    Given an idle worker for the endless model
    When 60 jobs of 20 tokens are submitted at once
    Then each of them is done with 20 tokens
    And the tokens of each of them were shown once each, in order
    And nothing is queued and nothing runs

  Scenario: INT-010 - Concurrent worker registration
    When 3 workers for models of their own are asked for at once
    Then each of them is listed once, idle, with a process and a port of its own
