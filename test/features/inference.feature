Feature: Inference
  One prompt goes in, its answer comes out token by token, whoever else is served at the same time.

  Background:
    Given a node

  Scenario: Inference request with SSE streaming
    When "What is a hive?" is asked as "the question"
    Then "the question" was told "queued" and "assigned" before its first token
    And the tokens of "the question" were shown once each, in order
    And "the question" is done, with as many tokens as were shown

  Scenario: Complete inference workflow
    When "What is a queen?" is asked as "the question"
    Then "the question" is done
    And its record names the worker, the reason for it, and the tokens that were used
    And nothing is queued and nothing runs

  Scenario: Warm start - reuse existing idle worker
    Given an idle worker for "starter"
    When "What is a hive?" is asked as "one"
    And "What is a queen?" is asked as "two"
    Then "one" and "two" were answered by that worker
    And there are as many workers as before

  Scenario: Worker registry returns matching idle worker
    Given an idle worker for "starter"
    Then the list of workers shows it "idle" with 0 busy slots

  Scenario: Worker registry returns matching busy worker
    When a job "long" of 1500 tokens is submitted
    And "long" is answering
    Then the list of workers shows its worker "busy" with 1 busy slots

  Scenario: FULL-006 - Concurrent request handling
    When 8 jobs of 200 tokens are submitted at once
    Then each of them is done with 200 tokens
    And the tokens of each of them were shown once each, in order

  Scenario: Byte-exact token streams
    When a job "one" is submitted with temperature 1 and seed 7
    And a job "two" is submitted with temperature 1 and seed 7
    And a job "other" is submitted with temperature 1 and seed 8
    Then "one" and "two" said the same
    And "one" and "other" said something else

  Scenario: SSE streaming with backpressure
    When a job "unread" of 1500 tokens is submitted, and its stream is opened and not read
    And "What is a hive?" is asked as "the question"
    Then "the question" is done
    And the stream that was not read gives the whole of "unread", once each, in order

  Scenario: INT-015 - Long-running inference stability
    When a job "long" of 3900 tokens is submitted
    Then "long" is done with 3900 tokens
    And the tokens of "long" were shown once each, in order
    And "long" took 1 attempts
