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
