Feature: How a worker ended
  Whatever ends a worker is found at once and told by its name, its signal and its last words.

  Background:
    Given a node

  Scenario: Supervisor captures exit signals
    Given an idle worker for "starter"
    When that worker is ended by the signal "SIGSEGV"
    Then its end is told as "worker.lost", by "signal SIGSEGV"
    Given an idle worker for "starter"
    When that worker is ended by the signal "SIGABRT"
    Then its end is told as "worker.lost", by "signal SIGABRT"

  Scenario: Supervisor distinguishes graceful vs crash exit
    Given an idle worker for the endless model
    When that worker is told to stop
    Then its end is told as "interrupted", by "exit code 0"
    Given an idle worker for the endless model
    When that worker is killed
    Then its end is told as "worker.lost", by "signal SIGKILL"

  Scenario: Supervisor logs crash context
    Given an idle worker for the endless model
    When that worker is ended by the signal "SIGBUS"
    Then its end is told with its model, its signal "SIGBUS", its last lines and its time
    And the log says "worker.ended" of that worker, because of "worker.lost"

  Scenario: Supervisor increments crash counter
    Given an idle worker for the endless model
    And it is known how often workers of its model have died
    And the metrics are read
    When that worker is killed
    And its end is told as "worker.lost", by "signal SIGKILL"
    Then "rbee_workers_ended_total" has grown by 1 for {"error_type":"worker.lost"}
    Given an idle worker for the endless model
    Then 1 more of them has died

  Scenario: Supervisor transitions pool to unready on crash
    Given an idle worker for "starter"
    When that worker is killed
    Then that worker is gone from the list, its process from the machine, its record from the home
    When "What is a hive?" is asked as "the question"
    Then "the question" is done
    And another worker answered "the question"

  Scenario: Supervisor detects when health check fails
    Given a node of its own
    And an idle worker for "starter"
    Then it is well, as a real inference has just proved
    And the metrics are read
    When the worker is frozen
    And "rbee worker health" runs beside it
    Then it ends with exit code 1
    And stdout names "worker.hung"
    And its end is told as "worker.hung", by "signal SIGKILL"
    And "rbee_workers_ended_total" has grown by 1 for {"error_type":"worker.hung","gen_ai_request_model":"starter"}
    And nothing of its process is left, not even a zombie
    When "What is a hive?" is asked as "the question"
    Then "the question" is done
    And another worker answered "the question"

  Scenario: Maximum restart rate is enforced
    Given a node of its own
    And the metrics are read
    When 5 workers of the endless model die one after the other while they start
    And a job "doomed" of 5 tokens is submitted
    Then "doomed" has failed with "worker.unstable"
    And no worker of the endless model has been started
    And "rbee_workers_ended_total" has grown by 5 for {"error_type":"worker.lost"}
    And "rbee_worker_loads_refused_total" has grown by 1 for {"error_type":"worker.unstable"}
    And the log says "worker.refused", because of "worker.unstable"
    When "What is a hive?" is asked as "the question"
    Then "the question" is done
