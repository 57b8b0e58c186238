Feature: The end of a node
  Whatever way it ends, nothing that it started stays behind, and nothing that it accepted is lost.

  Scenario: Cascading shutdown when rbee-hive receives SIGTERM
    Given a node of its own
    And an idle worker for "starter"
    And an idle worker for the endless model
    When the node is told to stop
    Then it ends within 5 s with exit code 143
    And no process of it is left

  Scenario: EH-014b - Graceful shutdown with active request
    Given a node of its own
    When a job "long" of 1500 tokens is submitted
    And "long" is answering
    And the node is told to stop
    And it says that it is stopping
    Then its status says that the queen is "draining"
    When another job is sent
    Then it is refused with status 503 and code "admission.closed"
    And "long" was shown to its end, with 1500 tokens
    And it ends within 15 s with exit code 143
    And no process of it is left

  Scenario: Gap-F7 - Graceful shutdown with pending requests
    Given a node of its own with
      | worker.slots    | 1     |
      | shutdown.finish | 100ms |
    When a job "running" of 1500 tokens is submitted
    And a job "waiting" of 10 tokens is submitted
    And "running" is answering
    And the node is told to stop
    Then it ends within 15 s with exit code 143
    And no process of it is left
    When a node starts in the same home
    Then "running" is done with 1500 tokens
    And the tokens of "running" were shown once each, in order
    And "running" took 2 attempts
    And "waiting" is done with 10 tokens

  Scenario: No worker outlives a node that is frozen and killed, not even a frozen one
    Given a node of its own
    And an idle worker for the endless model
    And an idle worker for "starter"
    When the worker is frozen
    And the node is frozen
    And the node is killed
    Then no process of it is left within 500 ms

  Scenario: LIFE-013 - Multiple workers force-killed in parallel
    Given a node of its own with
      | shutdown.finish      | 500ms |
      | shutdown.stopWorkers | 500ms |
    And 3 workers for models of their own are asked for at once
    And each of them is listed once, idle, with a process and a port of its own
    When every worker is frozen
    And the node is told to stop
    Then it ends within 8 s with exit code 143
    And no process of it is left
