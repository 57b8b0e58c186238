Feature: What comes in is checked
  Each refusal names the field, what was found and what is allowed, and breaks nothing.

  Background:
    Given a node

  Scenario: Error response structure validation
    When the task {"prompt": 1} is sent
    Then it is refused with status 400 and code "request.invalid"
    And the refusal carries a message, the advice for it, and the field "prompt"

  Scenario: VAL-025 - Comprehensive validation on all endpoints
    Then each of these is refused with its status and code
      | POST   | /v2/tasks           | {}                                        | 400 | request.invalid   |
      | POST   | /v2/tasks           | {"prompt":"a","max_tokens":0}             | 400 | request.invalid   |
      | POST   | /v2/tasks           | {"prompt":"a","temperature":3}            | 400 | request.invalid   |
      | POST   | /v2/tasks           | {"prompt":"a","priority":10}              | 400 | request.invalid   |
      | POST   | /v2/tasks           | {"prompt":"a","deadline_ms":-1}           | 400 | request.invalid   |
      | POST   | /v2/tasks           | {"prompt":"a","colour":"red"}             | 400 | request.invalid   |
      | POST   | /v2/tasks           | {"messages":[{"role":"x","content":"a"}]} | 400 | request.invalid   |
      | POST   | /v2/tasks           | {"prompt":                                | 400 | request.invalid   |
      | GET    | /v2/tasks/j0        |                                           | 404 | request.not.found |
      | GET    | /v2/tasks/j0/events |                                           | 404 | request.not.found |
      | DELETE | /v2/tasks/j0        |                                           | 404 | request.not.found |
      | POST   | /v1/workers/stop    | {}                                        | 400 | request.invalid   |
      | POST   | /v1/workers/stop    | {"worker":"w0"}                           | 404 | request.not.found |
      | POST   | /v1/workers/spawn   | {"model":7}                               | 400 | request.invalid   |
      | GET    | /v3/tasks           |                                           | 404 | request.not.found |

  Scenario: EH-015a - Invalid model reference format
    When "What is a hive?" is asked of the model "no such model"
    Then it has failed with "model.not.found"

  Scenario: VAL-004 - Prevent path traversal (../../etc/passwd)
    Then each of these is refused with its status and code
      | GET  | /v2/tasks/..%2f..%2fetc%2fpasswd |                                          | 404 | request.not.found |
      | POST | /v2/tasks                        | {"prompt":"a","model":"file:../../etc"}  | 403 | request.forbidden |

  Scenario: VAL-005 - Prevent path traversal (absolute paths)
    Then each of these is refused with its status and code
      | POST | /v2/tasks         | {"prompt":"a","model":"file:/etc/passwd"} | 403 | request.forbidden |
      | POST | /v1/workers/spawn | {"model":"file:/etc/passwd"}              | 403 | request.forbidden |

  Scenario: VAL-007 - Prevent command injection (shell metacharacters)
    When "What is a hive?" is asked of the model "starter; touch injected"
    Then it has failed with "model.not.found"
    And no file "injected" has come into being

  Scenario: VAL-021 - Validate Unicode handling
    When "Ünïcödé 🐝 蜂 ‮ what is a hive?" is asked as "the question"
    Then "the question" is done
    And the tokens of "the question" were shown once each, in order

  Scenario: VAL-022 - Enforce request body size limits
    When the head of a request of 9 MiB is sent
    Then the connection is answered with 413 and "request.too.large", and closed

  Scenario: AUTH-005 - Loopback bind without token works (dev mode)
    When the status is asked for over TCP, without any key
    Then the reply has status 200

  Scenario: A web page is not a local user
    When the task {"prompt":"a"} is sent with the header "host" as "evil.example"
    Then it is refused with status 403 and code "request.forbidden"
    When the task {"prompt":"a"} is sent with the header "origin" as "http://evil.example"
    Then it is refused with status 403 and code "request.forbidden"
    When the task {"prompt":"a"} is sent with the header "content-type" as "text/plain"
    Then it is refused with status 415 and code "request.media.type"
