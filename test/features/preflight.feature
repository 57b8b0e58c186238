Feature: Before a worker starts
  What cannot be served is refused by its name before anything is started for it.

  Scenario: Worker preflight RAM check passes
    Given a node with
      | worker.gpu | none |
    And an idle worker for "starter"
    Then what is reserved for it is less than what is free

  Scenario: Worker preflight backend check passes
    Given a node with
      | worker.gpu | none |
    And an idle worker for "starter"
    Then its backend is "cpu", and the hive says that it has that

  Scenario: What a model file lacks is said by its own code
    Given a node with
      | worker.gpu | none |
    When a job is submitted for a model file that is none
    Then it has failed with "model.foreign"
    When a job is submitted for a model file that was cut short
    Then it has failed with "model.corrupt"
    When a job is submitted for a model file that is not there
    Then it has failed with "model.not.found"

  Scenario: EH-004a - Worker preflight RAM check fails
    Given a node with
      | memory.headroom | 1TiB |
    When "What is a hive?" is asked as "the question"
    Then "the question" has failed with "memory.insufficient"
    And the node has started no process

  Scenario: Worker registry returns empty list
    Given a node with
      | memory.headroom | 1TiB |
    Then the list of workers is empty in the end

  Scenario: Gap-R2 - Dynamic RAM monitoring during preflight
    Given a node of its own with memory for a worker and a half
    When a job "long" of 5 tokens is submitted
    Then "long" is done with 5 tokens
    And the worker of "long" has 0 busy slots
    When "What is a hive?" is asked of another model
    Then it is done
    And the worker of "long" has made room, and is told as "worker.evicted"
    And the sum of what is booked is less than all memory

  Scenario: Gap-R4 - CPU core pinning for CPU backend
    Given a node with
      | worker.threads | 1 |
    When a job "cold" of 5 tokens is submitted
    Then "cold" is done with 5 tokens
    When it is asked why of "cold"
    Then it is told that its worker has "1 threads, as configured"

  Scenario: Backend catalog populated
    When "rbee hive detect" runs in a home of its own
    Then it ends with exit code 0
    And stdout says of "cpu" that it is there
    And stdout says of each backend that is not there why not

  Scenario: Sufficient resources available
    Given a node with
      | worker.gpu | none |
    And an idle worker for "starter"
    When "rbee hive status --json" runs beside it
    Then it ends with exit code 0
    And stdout tells of memory that is free, booked and kept back, and of that worker
