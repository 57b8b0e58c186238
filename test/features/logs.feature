Feature: The log
  One line of JSON for each piece of news, whatever words clients send, and each can be followed by its job.

  Background:
    Given a node

  Scenario: VAL-001 - Prevent log injection with newlines
    When the task {"prompt":"a","privacy":"public","model":"evil\n{\"level\":60,\"event.name\":\"forged\"}"} is sent
    Then the log tells the text {"is":"evil\n{\"level\":60,\"event.name\":\"forged\"}"} within one line
    And every line of the log is news of this node, and none says "forged"

  Scenario: VAL-002 - Prevent log injection with ANSI escape codes
    When the task {"prompt":"a","privacy":"public","model":"evil\u001b[2J\u001b[31m"} is sent
    Then the log tells the text {"is":"evil\u001b[2J\u001b[31m"} within one line
    And no character of the log could move the cursor of a terminal
    When "rbee logs --json" runs beside it
    Then it ends with exit code 0
    And no character of stdout could move the cursor of a terminal

  Scenario: VAL-003 - Prevent log injection with null bytes
    When the task {"prompt":"a","privacy":"public","model":"evil\u0000cut"} is sent
    Then the log tells the text {"is":"evil\u0000cut"} within one line
    And no character of the log could move the cursor of a terminal
    And every line of the log is news of this node, and none says "forged"

  Scenario: ERR-004 - Correlation IDs logged for debugging
    When "What is a hive?" is asked of the model "no such model"
    Then it has failed with "model.not.found"
    And the log says "job.admitted" of "it"
    And the log says "job.ended" of "it"
    When "What is a hive?" is asked as "the question"
    Then the log says "job.admitted" of "the question"
    And the log says "attempt.begun" of "the question"
    And the log says "job.ended" of "the question"

  Scenario: AUDIT-008 - Log correlation IDs for request tracing
    When the task {"prompt":"What is a hive?","max_tokens":4} is sent with the header "x-request-id" as "from-the-desk"
    Then the log says "job.admitted" of the request "from-the-desk"
    And the log says "attempt.begun" of the request "from-the-desk"
    And the log says "job.ended" of the request "from-the-desk"
    When the task {"prompt": 1} is sent with the header "x-request-id" as "by-mistake"
    Then the log says "request.refused" of the request "by-mistake"

  Scenario: AUDIT-001 - Log worker spawn events with full context
    Given an idle worker for "starter"
    Then the log says "worker.asked" of that worker
    And the log says "worker.reserved" of that worker
    And the log says "worker.loading" of that worker
    And the log says "worker.ready" of that worker
    And these lines tell its model, its epoch, its process, its memory and how long it took

  Scenario: ERR-015 - Error audit logging
    Then each of these is refused with its status and code
      | POST   | /v2/tasks        | {}                                        | 400 | request.invalid   |
      | POST   | /v2/tasks        | {"prompt":"a","model":"file:/etc/passwd"} | 403 | request.forbidden |
      | DELETE | /v2/tasks/j0     |                                           | 404 | request.not.found |
    And the log says of each of them
      | request.invalid   | /v2/tasks     |
      | request.forbidden | /v2/tasks     |
      | request.not.found | /v2/tasks/:id |

  Scenario: ERR-006 - Safe error messages (no sensitive data)
    When "my password is quetzal" is asked of the model "no such model"
    Then it has failed with "model.not.found"
    And nothing that was told holds "quetzal"
    And neither the log, nor stderr, nor the metrics hold "quetzal"

  Scenario: CLI command - view logs
    Given an idle worker for "starter"
    When "rbee logs --lines 20" runs beside it
    Then it ends with exit code 0
    And stdout names that worker

  Scenario: VAL-006 - Prevent path traversal (symlinks)
    Given a link "secret" among the logs of workers leads to a file outside
    And a link "hf/bees/link-GGUF/link-Q8_0.gguf" among the models leads to a file outside
    When "rbee worker logs secret" runs beside it
    Then it ends with exit code 1
    And stdout holds nothing of that file
    When "What is a hive?" is asked of the model "hf:bees/link-GGUF:Q8_0"
    Then it has failed with "model.foreign"
    And nothing that was told holds "the file outside"
    When "rbee model remove hf:bees/link-GGUF:Q8_0" runs beside it
    Then it ends with exit code 0
    And the file outside is still there

  Scenario: LIFE-009 - Shutdown progress metrics logged
    Given a node of its own
    And an idle worker for "starter"
    And an idle worker for the endless model
    When the node is told to stop
    Then it ends within 10 s with exit code 143
    And the log says of each worker that it was stopping and that it ended, and last that the node did
