Feature: Keys and secrets
  Where others reach a node, nobody comes in without a key; who had one is told, and the key by nobody.

  Background:
    Given a node with
      | listen | 0.0.0.0:0 |

  Scenario: AUTH-006 - Public bind requires token or fails to start
    Given no key
    When the status is asked for in the clear
    Then it is refused with status 400 and code "request.plain"
    When the status is asked for over TCP, without any key
    Then it is refused with status 401 and code "request.unauthorized"

  Scenario: AUTH-001 - Reject request without Authorization header
    Given a key "phone"
    When the status is asked for over TCP, without any key
    Then it is refused with status 401 and code "request.unauthorized"
    And the refusal says by what a client shows its key

  Scenario: AUTH-002 - Reject request with invalid token
    Given a key "phone"
    Then the status, asked for with each of these headers, is answered so
      | authorization | Bearer rbee_wrong | 401 |
      | x-api-key     | rbee_wrong        | 401 |
    And it is refused with status 401 and code "request.unauthorized"

  Scenario: AUTH-003 - Accept request with valid Bearer token
    Given a key "phone"
    Then the status, asked for with each of these headers, is answered so
      | authorization | Bearer <phone> | 200 |
      | x-api-key     | <phone>        | 200 |

  Scenario: AUTH-009 - Token validation on all HTTP endpoints
    Given a key "phone"
    Then all that its door describes is refused without a key, but for the ways in of machines
      | /v1/cluster/join  |
      | /v1/cluster/renew |

  Scenario: AUTH-017 - Auth required for all HTTP methods
    Then each of these methods is refused without a key
      | GET    |
      | HEAD   |
      | POST   |
      | PUT    |
      | PATCH  |
      | DELETE |
      | TRACE  |

  Scenario: AUTH-010 - Invalid token format rejected
    Given a key "phone"
    Then the status, asked for with each of these headers, is answered so
      | authorization | <phone>         | 401 |
      | authorization | Basic <phone>   | 401 |
      | authorization | Token <phone>   | 401 |
      | authorization | Bearer rbee_    | 401 |
      | authorization | Bearer <phone>= | 401 |

  Scenario: AUTH-011 - Empty token rejected
    Then the status, asked for with each of these headers, is answered so
      | authorization |        | 401 |
      | authorization | Bearer | 401 |
      | x-api-key     |        | 401 |

  Scenario: AUTH-012 - Token with special characters handled correctly
    Then the status, asked for with each of these headers, is answered so
      | authorization | Bearer rbee_'--;$(ls)%00 | 401 |
      | authorization | Bearer rbee_wröng        | 401 |
    And the node and its workers are still there

  Scenario: AUTH-016 - Bearer token parsing edge cases
    Given a key "phone"
    Then the status, asked for with each of these headers, is answered so
      | authorization | bearer <phone>        | 200 |
      | authorization | BEARER <phone>        | 200 |
      | authorization | Bearer  <phone>       | 401 |
      | authorization | Bearer <phone> x      | 401 |
      | authorization | Bearer, <phone>       | 401 |

  Scenario: AUTH-013 - Concurrent auth requests (no race conditions)
    Given a key "phone"
    Then the status is asked for 40 times at once, every other time with the key "phone"

  Scenario: AUTH-018 - Consistent error response format
    Given a key "phone"
    When the status is asked for over TCP, without any key
    Then it is refused with status 401 and code "request.unauthorized"
    And the status, asked for with each of these headers, is answered so
      | authorization | Bearer rbee_wrong | 401 |
      | authorization | Basic <phone>     | 401 |
    And the refusals differ in nothing but the name of their request

  Scenario: AUTH-019 - End-to-end auth flow (queen → hive → worker)
    Given a key "phone"
    And a key "other"
    When the task {"prompt":"What is a hive?","max_tokens":6} is sent with the key "phone"
    Then it is accepted, and its events, asked for with the key "phone", end with an answer
    And its events, asked for with the key "other", are those of a job that never was

  Scenario: AUTH-008 - Multiple components all require auth
    Given a key "phone"
    And an idle worker for "starter"
    When the status is asked for over TCP, without any key
    Then it is refused with status 401 and code "request.unauthorized"
    And the door of that worker lets nobody in, the key "phone" neither
    When the key "phone" is revoked
    Then the door of the hive refuses the key "phone"

  Scenario: AUDIT-002 - Log authentication events (success and failure)
    Given a key "phone"
    Then the log says "key.created" of the key "phone", by its id, name and fingerprint
    When the task {"prompt":"What is a hive?","max_tokens":6} is sent with the key "phone"
    Then it is accepted, and its events, asked for with the key "phone", end with an answer
    And the log says of the job which key brought it: that of "phone"
    When the key "phone" is revoked
    Then the log says "key.revoked" of the key "phone", by its id, name and fingerprint
    And the status, asked for with each of these headers, is answered so
      | authorization | Bearer <phone>    | 401 |
      | authorization | Bearer rbee_wrong | 401 |
    And the log says where the refused key "<phone>" came from, and its fingerprint
    And the log says where the refused key "rbee_wrong" came from, and its fingerprint

  Scenario: AUTH-007 - Token fingerprinting in logs (never raw tokens)
    Given a key "phone"
    Then the status, asked for with each of these headers, is answered so
      | authorization | Bearer <phone>    | 200 |
      | authorization | Bearer rbee_wrong | 401 |
    And the log says "key.created" of the key "phone", by its id, name and fingerprint
    And the log says where the refused key "rbee_wrong" came from, and its fingerprint
    And no file that is watched, nor its metrics, holds the key "phone" or "rbee_wrong"

  Scenario: SEC-010 - Secrets never appear in error messages
    Given a key "phone"
    When the task {"prompt": 1} is sent with the key "phone"
    Then it is refused with status 400 and code "request.invalid"
    And the status, asked for with each of these headers, is answered so
      | authorization | Bearer rbee_wrong | 401 |
    And nothing that was told holds "rbee_"

  Scenario: SEC-012 - Secret rotation without restart (SIGHUP)
    Given a key "phone"
    And a key "tablet"
    When the key "phone" is revoked
    Then the status, asked for with each of these headers, is answered so
      | authorization | Bearer <tablet> | 200 |
      | authorization | Bearer <phone>  | 401 |
    And the node and its workers are still there

  Scenario: SEC-013 - Each component has separate secret file
    Then its authority and its door have a key file each, for its owner alone

  Scenario: SEC-001 - Load API token from file with 0600 permissions
    Given a key "phone"
    When the status is asked for elsewhere, with the key "phone" in a file of mode 600
    Then it ends with exit code 0

  Scenario: SEC-004 - Load from systemd credentials (/run/credentials/)
    Given a key "phone"
    When the status is asked for elsewhere, with the key "phone" in a file of mode 400
    Then it ends with exit code 0

  Scenario: SEC-002 - Reject world-readable secret file (0644)
    Given a key "phone"
    When the status is asked for elsewhere, with the key "phone" in a file of mode 644
    Then it ends with exit code 78
    And stderr names "may be read by others (644)"
    And stderr holds nothing of the key "phone"

  Scenario: SEC-003 - Reject group-readable secret file (0640)
    Given a key "phone"
    When the status is asked for elsewhere, with the key "phone" in a file of mode 640
    Then it ends with exit code 78
    And stderr names "may be read by others (640)"

  Scenario: SEC-007 - Secret file must exist or fail to start
    When "rbee node --listen 127.0.0.1:0" runs with the variable "HF_TOKEN_FILE" as "/nowhere/token"
    Then it ends with exit code 78
    And stderr names "HF_TOKEN_FILE: /nowhere/token does not exist"
    And nobody holds that home

  Scenario: SEC-008 - Secret file must be readable or fail to start
    When "rbee node --listen 127.0.0.1:0" runs with the variable "HF_TOKEN_FILE" as "/dev/null/token"
    Then it ends with exit code 78
    And stderr names "cannot be read"
    And nobody holds that home

  Scenario: SEC-014 - Secret file format validation
    When a node starts whose token for the hub is in a file that holds "quetzal is a bird"
    Then it ends with exit code 78
    And stderr names "HF_TOKEN_FILE"
    And stderr names "more than one word"
    And stderr holds nothing of "quetzal"

  Scenario: SEC-015 - Reject secret file with multiple lines
    When a node starts whose token for the hub is in a file that holds "hf_quetzal\nhf_other\n"
    Then it ends with exit code 78
    And stderr names "more than one line"
    And stderr holds nothing of "hf_quetzal"

  Scenario: SEC-016 - Reject empty secret file
    When a node starts whose token for the hub is in a file that holds ""
    Then it ends with exit code 78
    And stderr names "is empty"

  Scenario: SEC-017 - Reject secret file with only whitespace
    When a node starts whose token for the hub is in a file that holds " \t\n"
    Then it ends with exit code 78
    And stderr names "is empty"

  # The last one: behind it this address has its keys looked at no more.
  Scenario: VAL-023 - Validate rate limiting on validation errors
    Given a key "phone"
    When 12 different wrong keys are sent one after the other
    Then it is refused with status 429 and code "key.guesses"
    And it is said in how many seconds to come again
    And the status, asked for with each of these headers, is answered so
      | authorization | Bearer <phone> | 429 |
