Feature: Cancellation and deadlines
  What nobody wants any more, or wanted earlier, stops and gives its place to the next.

  Background:
    Given a node with
      | worker.slots | 1 |

  Scenario: Gap-G12c - Explicit cancellation endpoint
    When a job "long" of 1500 tokens is submitted
    And "long" is answering
    And "long" is cancelled
    Then "long" is cancelled, and says so with "job.cancelled"
    And no token of "long" comes after that
    And a job that is sent again is accepted

  Scenario: Gap-G12a - Client cancellation with Ctrl+C
    When "rbee infer" runs with a prompt of 1500 tokens
    And it has shown the beginning of its answer
    And it is interrupted
    Then it ends with exit code 130
    And its job is cancelled
    And its slot is free

  Scenario: Gap-G12b - Client disconnects during inference
    When a job "long" of 2000 tokens is submitted
    And "long" is answering
    And the client of "long" goes away and comes back
    Then "long" is done with 2000 tokens
    And the tokens of "long" were shown once each, in order

  Scenario: DEAD-002 - Cancel request when deadline exceeded
    When a job "hasty" of 3000 tokens is submitted with a deadline of 400 ms
    And a job "waiting" of 3000 tokens is submitted with a deadline of 300 ms
    Then "hasty" has failed with "job.deadline"
    And "waiting" has failed with "job.deadline"

  Scenario: DEAD-006 - Worker stops processing on timeout
    When a job "hasty" of 3000 tokens is submitted with a deadline of 400 ms
    Then "hasty" has failed with "job.deadline"
    And its slot is free
    And a job that is sent again is accepted

  Scenario: A job that is cancelled while it waits never starts
    When a job "running" of 1500 tokens is submitted
    And "running" is answering
    And a job "waiting" of 5 tokens is submitted
    And "waiting" is cancelled
    Then "waiting" is cancelled, and says so with "job.cancelled"
    And "waiting" was never assigned

  Scenario: DEAD-001 - Propagate timeout queen → hive → worker
    Given a node of its own with
      | worker.slots | 1 |
    When a worker for the endless model is asked for
    And the worker that loads is frozen
    And a job "hasty" of 5 tokens is submitted with a deadline of 700 ms
    Then "hasty" has failed with "job.deadline"
    And "hasty" was never assigned
    And "hasty" was told so within 2500 ms of its submission

  Scenario: DEAD-004 - X-Request-Deadline header propagation
    Given an idle worker for the endless model
    When 3000 tokens are asked for at "/v1/completions", with the deadline "400ms" in the header
    Then its answer has status 504 within 2500 ms, because of "job.deadline"
    And its slot is free
    When 3000 tokens are asked for at "/v1/completions", with the deadline "soon" in the header
    Then its answer has status 400 within 2500 ms, because of "x-request-deadline"

  Scenario: DEAD-005 - 408 Request Timeout response format
    Then each door says in its own form that a deadline of "300ms" is over, with status 504
      | /v1/completions | {"error":{"type":"server_error","code":"job.deadline","param":null}} |
      | /v1/messages    | {"type":"error","error":{"type":"timeout_error"}}                    |
      | /api/generate   | {}                                                                   |

  Scenario: DEAD-007 - Deadline cannot be extended
    When a job "running" of 3500 tokens is submitted
    And "running" is answering
    And a job "hasty" of 5 tokens is submitted with the key "only-once" and a deadline of 500 ms
    And a job "again" of 5 tokens is submitted with the key "only-once" and a deadline of 60000 ms
    Then "hasty" and "again" are one job
    And "hasty" has failed with "job.deadline"

  Scenario: DEAD-008 - Default deadline (30s) when not specified
    Given a node of its own with
      | worker.slots | 1  |
      | job.deadline | 1s |
    And an idle worker for the endless model
    When a job "long" of 3500 tokens is submitted
    And its worker is frozen
    Then "long" has failed with "job.deadline"
    And "long" was told so within 3500 ms of its submission
