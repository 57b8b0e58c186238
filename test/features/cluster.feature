Feature: A cluster
  Several machines under one queen: she knows what each has, gives each its work, and finds again who went.

  Background:
    Given a queen on "alpha" and a machine "beta" that has joined her

  Scenario: rbee-hive HTTP API health check succeeds
    Then the hive of "alpha" answers at its own door, with its name and its version

  Scenario: Pool preflight health check succeeds
    Then the machine "beta" is serving, and says of itself what the queen says of it

  Scenario: Inference fails when node not in registry
    When "rbee infer --prompt hello --node cellar" runs beside it
    Then it ends with exit code 2
    And stderr names "hive.unknown"
    And stderr names "alpha, beta"

  Scenario: Network latency check
    When "rbee doctor" runs at the machine "beta"
    Then stdout tells how long the way from "beta" to her queen and back takes

  Scenario: INT-001 - Multi-hive deployment
    When a job "here" of 20 tokens is submitted for the machine "alpha"
    And a job "there" of 20 tokens is submitted for the machine "beta"
    Then "here" is done with 20 tokens
    And "there" is done with 20 tokens
    And "here" was answered on "alpha", and "there" on "beta"

  Scenario: Register worker from rbee-hive
    Given an idle worker for the endless model on "beta"
    Then the queen lists it as the hive of "beta" does, and its process is on that machine

  Scenario: Query all workers
    Given an idle worker for the endless model on "alpha"
    And an idle worker for the endless model on "beta"
    When "rbee worker list --json" runs beside it
    Then it ends with exit code 0
    And stdout lists every worker of "alpha" and of "beta" once

  Scenario: Filter by capability
    Given an idle worker for the endless model on "alpha"
    And an idle worker for the endless model on "beta"
    When "rbee worker list --json --backend cpu --node beta" runs beside it
    Then stdout lists every worker of "beta" once
    When "rbee worker list --json --model starter" runs beside it
    Then stdout lists no worker
    When "rbee worker list --json --backend metal" runs beside it
    Then stdout lists no worker
    When "rbee worker list --backend quantum" runs beside it
    Then it ends with exit code 2
    And stderr names "--backend takes cpu, cuda, metal, vulkan, llama-server, remote"
    When "rbee worker list --node cellar" runs beside it
    Then it ends with exit code 2
    And stderr names "hive.unknown"

  Scenario: Gap-C1 - Concurrent worker registration to queen-rbee from multiple rbee-hive instances
    When on each machine a worker for a model of its own is asked for at once
    Then each of them is listed once, idle, on its machine, by the queen and by its hive

  Scenario: Drain with inflight requests logs warning
    When a job "long" of 1500 tokens is submitted for the machine "beta"
    And "long" is answering
    And "rbee hive drain beta" runs beside it
    Then it ends with exit code 0
    And stdout names "beta draining, 1 job still runs there"
    And "long" is done with 1500 tokens
    And the machine "beta" is "drained" in the end
    When "rbee hive resume beta" runs beside it
    Then the machine "beta" is "serving" in the end

  Scenario: Pool preflight connection timeout with retry
    When a job "long" of 1500 tokens is submitted for the machine "beta"
    And "long" is answering
    And the machine "beta" is killed
    And the machine "beta" is started again
    Then "long" is done with 1500 tokens
    And the tokens of "long" were shown once each, in order

  Scenario: EC1 - Connection timeout with retry and backoff
    When the machine "alpha" is killed
    And the machine "alpha" is started again
    Then the machine "beta" is "serving" in the end
    When a job "next" of 5 tokens is submitted for the machine "beta"
    Then "next" is done with 5 tokens

  Scenario: EH-002a - rbee-hive HTTP connection timeout
    When the machine "beta" is killed
    Then the machine "beta" is "away" in the end
    When "rbee infer --prompt hello --model starter --node beta" runs beside it
    Then it ends with exit code 1
    And stderr names "hive.lost"
    When the machine "beta" is started again
    Then the machine "beta" is "serving" in the end
