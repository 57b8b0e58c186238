Feature: Configuration
  Flag before environment before the folder's file before the user's; whatever is wrong is named with its line.

  Scenario: Config file loading with XDG priority
    Given the user's file in XDG_CONFIG_HOME says
      | queue.lengthMax | 77 |
    When "rbee config list" runs without RBEE_HOME
    Then it ends with exit code 0
    And stdout has the line "queue.lengthMax = 77"

  Scenario: CFG-004 - Environment variables override file config
    Given the user's file says
      | queue.lengthMax | 77 |
      | worker.slots    | 2  |
    When "rbee config list --show-origin" runs with the variable "RBEE_QUEUE_LENGTH_MAX" as "5"
    Then it ends with exit code 0
    And stdout names the setting "queue.lengthMax" as "5" from "RBEE_QUEUE_LENGTH_MAX"
    And stdout names the setting "worker.slots" as "2" from "config.yaml:2"

  Scenario: CFG-005 - Config schema validation with detailed errors
    Given the user's file says
      | worker.slotz | 2 |
    When "rbee config validate" runs
    Then it ends with exit code 78
    And stderr names "config.yaml:1: unknown key worker.slotz; the nearest is worker.slots"

  Scenario: CFG-006 - Invalid config fails startup with narration
    Given the user's file says
      | worker.slots | many |
    When "rbee node --listen 127.0.0.1:0" runs
    Then it ends with exit code 78
    And stderr names "config.invalid"
    And stderr names "config.yaml:1: worker.slots"
    And nobody holds that home

  Scenario: CFG-007 - Config examples provided and validated
    When "rbee config validate" runs on the example that the project ships
    Then it ends with exit code 0

  Scenario: EH-015b - Invalid backend name
    Given the user's file says
      | worker.gpu | quantum |
    When "rbee node --listen 127.0.0.1:0" runs
    Then it ends with exit code 78
    And stderr names "config.yaml:1: worker.gpu"
    And stderr names "expected auto or none"

  Scenario: VAL-016 - Validate port number (1024-65535)
    When "rbee node --listen 127.0.0.1:65536" runs
    Then it ends with exit code 2
    And stderr names "expected HOST:PORT"
    When "rbee config validate" runs with the variable "RBEE_WORKER_PORTS_FROM" as "70000"
    Then it ends with exit code 78
    And stderr names "a whole number from 1 to 65535"

  Scenario: VAL-017 - Validate node name (DNS-safe characters)
    When "rbee node --listen 127.0.0.1:0 --name ../bee" runs
    Then it ends with exit code 2
    And stderr names "letters, digits, dots, dashes and underscores"

  Scenario: CFG-009 - Secret redaction in config logs
    Given the user's file says
      | endpoints | {cloud: {url: "https://models.example.com/v1", key: "sk-quetzal"}} |
    When "rbee config list --show-origin" runs
    Then it ends with exit code 0
    And stdout names "models.example.com"
    And neither stdout nor stderr holds "quetzal"
    When "rbee config show --json" runs
    Then it ends with exit code 0
    And neither stdout nor stderr holds "quetzal"
    When the user's file changes to
      | endpoints | {cloud: {url: "https://models.example.com/v1", kye: "sk-quetzal"}} |
    And "rbee config validate" runs
    Then it ends with exit code 78
    And stderr names "config.yaml:1"
    And neither stdout nor stderr holds "quetzal"

  Scenario: CFG-008 - Narration events for config load/reload
    Given a node of its own
    When "rbee config set queue.lengthMax 7" runs beside it
    Then it ends with exit code 0
    And stderr names "reads it when it is started again"
    When the node is killed
    And a node starts in the same home
    Then its queue takes 7 jobs
