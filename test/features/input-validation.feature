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

  Scenario: VAL-013 - Validate worker ID length (max 64 chars)
    Then each of these is refused with its status and code
      | POST | /v1/workers/stop | {"worker":"wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"}  | 404 | request.not.found |
      | POST | /v1/workers/stop | {"worker":"wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"} | 400 | request.invalid   |
      | POST | /v1/workers/stop | {"worker":""}                                                                  | 400 | request.invalid   |

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

  Scenario: VAL-008 - Prevent command injection (backticks)
    When "What is a hive?" is asked of the model "`touch injected`"
    Then it has failed with "model.not.found"
    When "`touch injected` $(touch injected)" is asked as "the question"
    Then "the question" is done
    And no file "injected" has come into being

  Scenario: VAL-009 - Prevent command injection (pipe characters)
    When "What is a hive?" is asked of the model "starter | touch injected"
    Then it has failed with "model.not.found"
    When "What is a hive?" is asked of the model "hf:bees/a|touch injected:Q8_0"
    Then it has failed with "model.not.found"
    And no file "injected" has come into being

  Scenario: VAL-010 - Validate model reference format (hf:org/repo)
    Then each of these is refused with its status and code
      | POST | /v1/models/download | {"model":"bees/tiny"}                | 400 | request.invalid |
      | POST | /v1/models/download | {"model":"hf:bees"}                  | 400 | request.invalid |
      | POST | /v1/models/download | {"model":"hf:bees/tiny"}             | 400 | request.invalid |
      | POST | /v1/models/download | {"model":"hf:/tiny:Q8_0"}            | 400 | request.invalid |
      | POST | /v1/models/download | {"model":"hf:bees/tiny:Q8_0:Q4_0"}   | 400 | request.invalid |
      | POST | /v1/models/download | {"model":"hf:bees/tiny/model.bin"}   | 400 | request.invalid |
      | POST | /v1/models/download | {"model":"http://hub/tiny.gguf"}     | 400 | request.invalid |
      | POST | /v1/models/download | {"model":""}                         | 400 | request.invalid |

  Scenario: VAL-011 - Validate model reference (no special chars)
    Then each of these is refused with its status and code
      | POST | /v1/models/download | {"model":"hf:../tiny:Q8_0"}             | 400 | request.invalid |
      | POST | /v1/models/download | {"model":"hf:bees/../../x/tiny.gguf"}   | 400 | request.invalid |
      | POST | /v1/models/download | {"model":"hf:bees/-rf:Q8_0"}            | 400 | request.invalid |
      | POST | /v1/models/download | {"model":"hf:bees/ti ny:Q8_0"}          | 400 | request.invalid |
      | POST | /v1/models/download | {"model":"hf:bees/tiny:Q8_0\n"}         | 400 | request.invalid |
      | POST | /v1/models/download | {"model":"hf:bees/tiny?x=1:Q8_0"}       | 400 | request.invalid |
      | POST | /v1/models/download | {"model":"hf:bees/tiny%2e%2e:Q8_0"}     | 400 | request.invalid |
      | POST | /v1/models/download | {"model":"hf:user@hub/tiny:Q8_0"}       | 400 | request.invalid |

  Scenario: VAL-012 - Validate worker ID format (alphanumeric + dash)
    When "rbee worker logs ../node" runs beside it
    Then it ends with exit code 2
    When "rbee worker logs w;1" runs beside it
    Then it ends with exit code 2
    And each of these is refused with its status and code
      | POST | /v1/workers/stop                 | {"worker":"../../x"} | 404 | request.not.found |
      | POST | /v1/workers/stop                 | {"worker":"w1;ls"}   | 404 | request.not.found |
      | GET  | /v1/workers/..%2f..%2fx/health   |                      | 404 | request.not.found |

  Scenario: VAL-019 - Reject XSS attempts
    When the task {"prompt":1,"model":"<script>alert(1)</script>"} is sent
    Then the reply is JSON and no page
    When "GET" of "/<script>alert(1)</script>" is asked for over TCP
    Then the reply is JSON and no page

  Scenario: ERR-008 - Error messages don't contain file paths
    Then each of these is refused with its status and code
      | POST   | /v2/tasks                         | {}                                        | 400 | request.invalid   |
      | POST   | /v2/tasks                         | {"prompt":                                | 400 | request.invalid   |
      | POST   | /v2/tasks                         | {"prompt":"a","model":"file:/etc/passwd"} | 403 | request.forbidden |
      | GET    | /v2/tasks/j0                      |                                           | 404 | request.not.found |
      | GET    | /v1/models/info?model=file:/etc/x |                                           | 403 | request.forbidden |
      | DELETE | /v1/models?model=hf:a/b:Q8_0      |                                           | 404 | model.absent      |
      | GET    | /v3                               |                                           | 404 | request.not.found |
    And none of the refusals tells of a file of this machine, an address of it, or a line of the program

  Scenario: ERR-003 - Error correlation IDs included
    When the task {"prompt": 1} is sent with the header "x-request-id" as "from-the-desk"
    Then the refusal and its header carry one name of the request, which is "from-the-desk"
    When the task {"prompt": 1} is sent
    Then the refusal and its header carry one name of the request, as it is given to each

  Scenario: ERR-010 - Error recovery for non-fatal errors
    Given an idle worker for "starter"
    When a job with a schema that no grammar can hold is submitted
    Then it has failed with "schema.unsupported"
    When "What is a hive?" is asked as "the question"
    Then "the question" was answered by that worker

  Scenario: ERR-011 - Panic-free operation under load
    Given an idle worker for the endless model
    And the metrics are read
    When 40 jobs of 10 tokens are submitted at once
    And 60 requests that are none are sent at once
    Then each of them is done with 10 tokens
    And each refusal was answered
    And "rbee_thread_restarts_total" has grown by 0
    And the node and its workers are still there

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
