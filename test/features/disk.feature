Feature: A disk without room
  It stops what would need it, by its name, and nothing else; room again is enough.

  Scenario: EH-006a - Insufficient disk space for model download
    Given a hub
    And a node of its own on a disk of 64 MiB
    And the hub has "hf:bees/large-GGUF/large-Q8_0.gguf" of 80 MiB
    When "hf:bees/large-GGUF:Q8_0" is fetched
    Then the fetch has failed with "disk.full", and it is said what to do
    And it was asked for bytes 0 times
    And nothing of "hf:bees/large-GGUF/large-Q8_0.gguf" is left in the folder of models

  Scenario: EH-006b - Disk fills up during download
    Given a hub
    And a node of its own on a disk of 400 MiB
    And the hub has "hf:bees/growing-GGUF/growing-Q8_0.gguf" of 60 MiB
    And the hub sends 20000000 bytes a second
    When the fetch of "hf:bees/growing-GGUF:Q8_0" is begun
    And 10000000 bytes of it have been sent
    And its disk is filled, but for 20 MiB
    Then the fetch has failed with "disk.full", and it is said what to do
    When its disk has room again
    Then a job that is sent is accepted in the end

  Scenario: ERR-005 - Graceful degradation (DB unavailable)
    Given a node of its own on a disk of 96 MiB
    When a job "long" of 1000 tokens is submitted
    And its disk is filled, but for 8 MiB
    Then a job that is sent is refused with status 507 and code "disk.full" in the end
    And "long" is done with 1000 tokens
    When its disk has room again
    Then a job that is sent is accepted in the end
