Feature: Models
  They come from a hub by their names, once and checked, and the folder they lie in is the list of them.

  Background:
    Given a hub
    And a node

  Scenario: Model not found in catalog
    Then each of these is refused with its status and code
      | DELETE | /v1/models?model=hf:bees/nowhere-GGUF:Q8_0                    |                                        | 404 | model.absent      |
      | GET    | /v1/models/info?model=hf:bees/nowhere-GGUF:Q8_0               |                                        | 404 | model.not.found   |
      | GET    | /v1/models/download/progress?model=hf:bees/nowhere-GGUF:Q8_0  |                                        | 404 | request.not.found |
    And the list of models has nothing of "hf:bees/nowhere-GGUF"

  Scenario: Model catalog registration after download
    Given the hub has "hf:bees/noted-GGUF/noted-Q8_0.gguf"
    When "hf:bees/noted-GGUF:Q8_0" is fetched
    Then the fetch is done
    And the list of models has "hf:bees/noted-GGUF/noted-Q8_0.gguf" as "Q8_0" from the hub, with its size
    And the note beside "hf:bees/noted-GGUF/noted-Q8_0.gguf" says its name, its size, its hash and its kind

  Scenario: Query models by provider
    Given the hub has "hf:bees/given-GGUF/given-F16.gguf"
    And the file "mine/own-F16.gguf" is put into the folder of models by hand
    When "hf:bees/given-GGUF:F16" is fetched
    Then the list of models has "hf:bees/given-GGUF/given-F16.gguf" as "F16" from the hub, with its size
    And the list of models has the file "mine/own-F16.gguf" from nowhere

  Scenario: GGUF model size calculation
    Given the hub has the files
      | hf:bees/split-GGUF/split-Q8_0-00001-of-00002.gguf |
      | hf:bees/split-GGUF/split-Q8_0-00002-of-00002.gguf |
    When "hf:bees/split-GGUF:Q8_0" is fetched
    Then the fetch is done
    And the list of models has "hf:bees/split-GGUF/split-Q8_0-00001-of-00002.gguf" once, with the size of 2 files

  Scenario: Model download with progress tracking
    Given the hub has "hf:bees/slow-GGUF/slow-Q8_0.gguf"
    And the hub sends 700000 bytes a second
    When "hf:bees/slow-GGUF:Q8_0" is fetched
    Then the fetch is done
    And its progress was told step by step, from its first bytes to all of them

  Scenario: EH-007a - Model not found on Hugging Face
    Given the hub has "hf:bees/other-GGUF/other-Q8_0.gguf"
    When "hf:bees/nowhere-GGUF:Q8_0" is fetched
    Then the fetch has failed with "model.not.found", and it is said what to do
    When "hf:bees/other-GGUF:Q2_K" is fetched
    Then the fetch has failed with "model.not.found", and it is said what to do

  Scenario: EH-007b - Model repository is private
    Given the hub has "hf:bees/private-GGUF/private-Q8_0.gguf"
    And the hub answers every list with 401
    When "hf:bees/private-GGUF:Q8_0" is fetched
    Then the fetch has failed with "hub.unauthorized", and it is said what to do
    And it is advised to set "HF_TOKEN"
    And nothing of "hf:bees/private-GGUF/private-Q8_0.gguf" is left in the folder of models

  Scenario: EH-008b - Model download fails with retry
    Given the hub has "hf:bees/cut-GGUF/cut-Q8_0.gguf"
    And the hub cuts the connection after 200000 bytes
    When "hf:bees/cut-GGUF:Q8_0" is fetched
    Then the fetch is done
    And it was told that it waits before it tries again, because of "hub.unreachable"
    And the last request for bytes began behind byte 1
    And "hf:bees/cut-GGUF/cut-Q8_0.gguf" lies there byte for byte

  Scenario: EC2 - Model download failure with retry
    Given the metrics are read
    And the hub has "hf:bees/busy-GGUF/busy-Q8_0.gguf"
    And the hub answers the next request for bytes with 429
    When "hf:bees/busy-GGUF:Q8_0" is fetched
    Then the fetch is done
    And it was told that it waits before it tries again, because of "hub.busy"
    And "rbee_model_download_waits_total" has grown by 1 for {"error_type":"hub.busy"}
    And it was asked for bytes 2 times

  Scenario: Gap-R6 - Bandwidth throttling for downloads
    Given a node of its own with
      | model.downloadRate | 512KiB |
    And the hub has "hf:bees/calm-GGUF/calm-Q8_0.gguf"
    When "hf:bees/calm-GGUF:Q8_0" is fetched
    Then the fetch is done
    And it took as long as all its bytes take at 524288 a second

  Scenario: EH-008c - Downloaded model checksum mismatch
    Given the hub has "hf:bees/lied-GGUF/lied-Q8_0.gguf"
    And the hub names other hashes than its files have
    When "hf:bees/lied-GGUF:Q8_0" is fetched
    Then the fetch has failed with "download.corrupt", and it is said what to do
    And it was asked for bytes 2 times
    And nothing of "hf:bees/lied-GGUF/lied-Q8_0.gguf" is left in the folder of models
    And the list of models has nothing of "hf:bees/lied-GGUF"

  Scenario: GGUF model detection by file extension
    Given the hub has the files
      | hf:bees/mixed-GGUF/README.md            |
      | hf:bees/mixed-GGUF/config.json          |
      | hf:bees/mixed-GGUF/model-Q4_0.gguf.txt  |
      | hf:bees/mixed-GGUF/model-Q8_0.safetensors |
      | hf:bees/mixed-GGUF/mmproj-F16.gguf      |
      | hf:bees/mixed-GGUF/model-Q8_0.GGUF      |
      | hf:bees/mixed-GGUF/model-Q6_K.gguf      |
    Then the models to choose from in "hf:bees/mixed-GGUF" are
      | model-Q8_0.GGUF | Q8_0 |
      | model-Q6_K.gguf | Q6_K |

  Scenario: GGUF metadata extraction
    Given the hub has "hf:bees/facts-GGUF/facts-Q8_0.gguf"
    Then what is told of "hf:bees/facts-GGUF:Q8_0" is what its header says, and that it fits
    When "hf:bees/facts-GGUF:Q8_0" is fetched
    Then what is told of "hf:bees/facts-GGUF:Q8_0" is what its header says, and that it fits

  Scenario: GGUF quantization formats supported
    Given the hub has the files
      | hf:bees/formats-GGUF/m-Q2_K.gguf    |
      | hf:bees/formats-GGUF/m-Q4_0.gguf    |
      | hf:bees/formats-GGUF/m-Q4_K_M.gguf  |
      | hf:bees/formats-GGUF/m-Q5_K_S.gguf  |
      | hf:bees/formats-GGUF/m.q8_0.gguf    |
      | hf:bees/formats-GGUF/m-IQ3_XXS.gguf |
      | hf:bees/formats-GGUF/m-TQ1_0.gguf   |
      | hf:bees/formats-GGUF/m-MXFP4.gguf   |
      | hf:bees/formats-GGUF/m-BF16.gguf    |
      | hf:bees/formats-GGUF/f32/m.gguf     |
      | hf:bees/formats-GGUF/m.gguf         |
    Then the models to choose from in "hf:bees/formats-GGUF" are
      | m-Q2_K.gguf    | Q2_K    |
      | m-Q4_0.gguf    | Q4_0    |
      | m-Q4_K_M.gguf  | Q4_K_M  |
      | m-Q5_K_S.gguf  | Q5_K_S  |
      | m.q8_0.gguf    | Q8_0    |
      | m-IQ3_XXS.gguf | IQ3_XXS |
      | m-TQ1_0.gguf   | TQ1_0   |
      | m-MXFP4.gguf   | MXFP4   |
      | m-BF16.gguf    | BF16    |
      | f32/m.gguf     | F32     |
      | m.gguf         |         |

  Scenario: FULL-007 - Model provisioning flow
    Given the hub has "hf:bees/whole-GGUF/whole-Q8_0.gguf"
    When "What is a hive?" is asked of the model "hf:bees/whole-GGUF:Q8_0"
    Then it is done, and was told of the "download" and of the "load" before its first token
    And the list of models has "hf:bees/whole-GGUF/whole-Q8_0.gguf" as "Q8_0" from the hub, with its size
    When "What is a queen?" is asked of the model "hf:bees/whole-GGUF:Q8_0"
    Then it is done
    And each byte was sent once

  Scenario: Model not found - download with progress
    Given the hub has "hf:bees/wanted-GGUF/wanted-Q8_0.gguf"
    And the hub sends 700000 bytes a second
    When "rbee infer --prompt hello --max-tokens 4 --json --model hf:bees/wanted-GGUF:Q8_0" runs beside it
    Then it ends with exit code 0
    And stdout told of the "download" as it came

  Scenario: Model download and registration
    Given the hub has "hf:bees/keeper-GGUF/keeper-Q8_0.gguf"
    When "rbee model download hf:bees/keeper-GGUF:Q8_0" runs beside it
    Then it ends with exit code 0
    When "rbee model list" runs beside it
    Then it ends with exit code 0
    And stdout names "hf:bees/keeper-GGUF/keeper-Q8_0.gguf"

  Scenario: INT-011 - Concurrent model downloads
    Given the hub has "hf:bees/twin-GGUF/twin-Q8_0.gguf"
    And the hub has "hf:bees/single-GGUF/single-Q8_0.gguf"
    And the hub sends 700000 bytes a second
    When the fetch of "hf:bees/twin-GGUF:Q8_0" is begun
    And the fetch of "hf:bees/twin-GGUF/twin-Q8_0.gguf" is begun
    And the fetch of "hf:bees/single-GGUF:Q8_0" is begun
    Then each fetch is done
    And each byte was sent once

  Scenario: Gap-F4 - Partial download resume after crash
    Given a node of its own
    And the hub has "hf:bees/crash-GGUF/crash-Q8_0.gguf"
    And the hub sends 150000 bytes a second
    When the fetch of "hf:bees/crash-GGUF:Q8_0" is begun
    And 150000 bytes of it have been sent
    And the node is killed
    And the hub sends 5000000 bytes a second
    And a node starts in the same home
    Then "hf:bees/crash-GGUF/crash-Q8_0.gguf" is there in the end, byte for byte
    And the last request for bytes began behind byte 1

  Scenario: Gap-F2 - Model catalog database corruption
    Given the hub has "hf:bees/torn-GGUF/torn-Q8_0.gguf"
    When "hf:bees/torn-GGUF:Q8_0" is fetched
    And the note beside "hf:bees/torn-GGUF/torn-Q8_0.gguf" is damaged
    Then the list of models has "hf:bees/torn-GGUF/torn-Q8_0.gguf"
    When "What is a hive?" is asked of the model "hf:bees/torn-GGUF:Q8_0"
    Then it is done
    And each byte was sent once

  Scenario: Gap-F8 - Catalog backup and restore
    Given the hub has "hf:bees/saved-GGUF/saved-Q8_0.gguf"
    When "hf:bees/saved-GGUF:Q8_0" is fetched
    And the folder of models is copied to the home of a node of its own
    Then the list of models has "hf:bees/saved-GGUF/saved-Q8_0.gguf" as "Q8_0" from the hub, with its size
    When "What is a hive?" is asked of the model "hf:bees/saved-GGUF:Q8_0"
    Then it is done
    And each byte was sent once
