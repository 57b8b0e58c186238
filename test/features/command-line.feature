Feature: The command line
  The keeper finds the node of its home or starts one, says data on stdout, and leaves nothing behind.

  Background:
    Given a node

  Scenario: CLI command - basic inference
    When "rbee infer --prompt hello --max-tokens 6" runs beside it
    Then it ends with exit code 0
    And stdout holds the answer and stderr nothing

  Scenario: rbee-keeper exits after inference (CLI dies, daemons live)
    When "rbee infer --prompt hello --max-tokens 6" runs beside it
    Then it ends with exit code 0
    And the node and its workers are still there

  Scenario: CLI command - list workers
    Given an idle worker for "starter"
    When "rbee worker list" runs beside it
    Then it ends with exit code 0
    And stdout names that worker

  Scenario: CLI command - manually shutdown worker
    Given an idle worker for "starter"
    When "rbee worker stop" with that worker runs beside it
    Then it ends with exit code 0
    And that worker is gone from the list, its process from the machine, its record from the home

  Scenario: Persistent mode - queen-rbee pre-started
    When "rbee status --json" runs beside it
    Then it ends with exit code 0
    And stdout is the status of this very node

  Scenario: Persistent mode - rbee-hive pre-started
    Given an idle worker for "starter"
    When "rbee hive status --json" runs beside it
    Then it ends with exit code 0
    And stdout tells of memory that is free, booked and kept back, and of that worker
    When "rbee infer --prompt hello --max-tokens 6" runs beside it
    Then it ends with exit code 0
    And stdout holds the answer and stderr nothing
    And there are as many workers as before
    And the node and its workers are still there

  Scenario: Ephemeral mode - rbee-keeper spawns queen-rbee
    When "rbee infer --prompt hello --max-tokens 6" runs in a home of its own
    Then it ends with exit code 0
    And stdout holds the answer and stderr nothing
    And nobody holds that home

  Scenario: A second node of one home is refused, and told who holds it
    When "rbee node --listen 127.0.0.1:0" runs beside it
    Then it ends with exit code 1
    And stderr names "home.held" and the process of the node

  Scenario: A command that needs a queen says so where there is none
    When "rbee status" runs in a home of its own
    Then it ends with exit code 3
    And stderr names "queen.unreachable"

  Scenario: An unknown command is refused with the nearest right one
    When "rbee statsu" runs in a home of its own
    Then it ends with exit code 2
    And stderr names "the nearest is status"
