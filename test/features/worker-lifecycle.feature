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
    Given the metrics are read
    When a job "long" of 1500 tokens is submitted
    And "long" is answering
    And its worker is told to stop
    Then "long" is done with 1500 tokens
    And that worker is gone from the list, its process from the machine, its record from the home
    And "rbee_worker_ending_seconds_count" has grown by 1
    And "rbee_worker_ending_seconds_sum" has grown, by less than 20

  Scenario: EH-012c - Worker crashes during startup
    When a worker for the endless model is asked for
    And the worker that loads is killed
    And a job "long" of 5 tokens is submitted
    Then "long" is done with 5 tokens

  Scenario: INT-002 - Worker churn (rapid spawn/shutdown)
    When a worker for the endless model is started and stopped 3 times
    Then none of them is left
    And every process of the node belongs to a worker on the list

  Scenario: Restart storm distinguishes crash types
    When a worker for the endless model is started and stopped 6 times
    And a job "long" of 5 tokens is submitted
    Then "long" is done with 5 tokens

  Scenario: LIFE-002 - Track PID across worker lifecycle
    Given an idle worker for the endless model
    And that worker is told to stop
    And that worker is gone from the list, its process from the machine, its record from the home
    When a worker for the endless model is asked for
    Then that worker is loading, then idle, then busy with "long", and its process is the same
    When "long" is cancelled
    And that worker is told to stop
    Then that worker is gone from the list, its process from the machine, its record from the home

  Scenario: Worker ready callback
    Given a node of its own
    When a worker for the endless model is asked for
    And a job "waiting" of 5 tokens is submitted
    Then "waiting" is done with 5 tokens
    And "waiting" was answered by that worker
    And the log says "worker.ready" of that worker

  Scenario: Worker loading progress stream
    Given an idle worker for the endless model
    And that worker is told to stop
    And that worker is gone from the list, its process from the machine, its record from the home
    When a job "cold" of 5 tokens is submitted
    Then "cold" is done with 5 tokens
    And "cold" was told how far its model was loaded, up to all of it, before its first token

  Scenario: Drain updates registry health to not ready
    When a job "long" of 1500 tokens is submitted
    And "long" is answering
    And its worker is told to stop
    Then that worker is "stopping" with 1 busy slots
    When a job "next" of 5 tokens is submitted
    Then "long" is done with 1500 tokens
    And "next" is done with 5 tokens
    And "next" was answered by another worker than "long"

  Scenario: CLI command - check worker health
    Given an idle worker for "starter"
    Then it is well, as a real inference has just proved
    When "rbee worker health" with that worker runs beside it
    Then it ends with exit code 0
    And stdout names that worker

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

  Scenario: EH-016a - Worker loading timeout
    Given a node of its own with
      | worker.loadTimeout | 1s |
    When a job "slow" for the large model is submitted
    And each worker that loads for "slow" is held up for 1500 ms
    Then "slow" has failed with "worker.load.timeout"
    And "slow" was advised to raise "worker.loadTimeout"
    And its end is told as "worker.load.timeout", by "exit code 0"
    And the log says "worker.stopping" of that worker, because of "worker.load.timeout"
    And that worker is gone from the list, its process from the machine, its record from the home

  Scenario: LIFE-006 - Ready timeout - kill if stuck in Loading > 30s
    When a worker for the large model is asked for
    And it is held up 6 times for 1000 ms while it loads, and goes on in between
    Then it is "loading" at first, and "idle" in the end
    And that worker is told to stop
    And that worker is gone from the list, its process from the machine, its record from the home
    When a worker for the large model is asked for
    And the worker that loads is frozen
    Then the log says "worker.ended" of that worker, because of "worker.hung"
    And the log says as "a warning" that it ended after "SIGKILL", by "SIGKILL"
    And that worker is gone from the list, its process from the machine, its record from the home

  Scenario: LIFE-014 - Force-kill audit logging
    Given an idle worker for "starter"
    When that worker is told to stop
    Then the log says as "news" that it ended after "request", by "0"
    Given an idle worker for "starter"
    When the worker is frozen
    And that worker is told to stop
    Then the log says as "a warning" that it ended after "SIGKILL", by "SIGKILL"
    When "rbee worker list --all" runs beside it
    Then it ends with exit code 0
    And stdout names "this node had sent SIGKILL"
    Given an idle worker for "starter"
    When that worker is killed
    Then the log says as "a warning" that it ended after "nothing", by "SIGKILL"
