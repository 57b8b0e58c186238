Feature: Metrics
  A scrape tells of every part of a node, well formed, and names nobody and nothing that was asked.

  Background:
    Given a hub
    And a node

  Scenario: MET-001 - Expose /metrics endpoint with narration
    When the metrics are asked for over TCP as Prometheus does
    Then "rbee_queen_up" is 1 for {}

  Scenario: MET-002 - Prometheus format compliance
    Given an idle worker for "starter"
    When "What is a hive?" is asked as "the question"
    And the metrics are asked for over TCP as Prometheus does
    Then they are well formed to the last line, and each has its help and its kind

  Scenario: MET-003 - Worker count by state with narration
    Given an idle worker for "starter"
    Then "rbee_workers" is 1 for {"state":"ready","gen_ai_request_model":"starter"}
    When that worker is told to stop
    And that worker is gone from the list, its process from the machine, its record from the home
    Then "rbee_workers" is 0 for {"gen_ai_request_model":"starter"}

  Scenario: MET-004 - Request latency histogram
    Given the metrics are read
    When "What is a hive?" is asked as "the question"
    Then "gen_ai_server_request_duration_seconds_count" has grown by 1 for {"gen_ai_operation_name":"text_completion","gen_ai_request_model":"starter"}
    And "gen_ai_server_time_to_first_token_seconds_count" has grown by 1 for {"gen_ai_request_model":"starter"}
    And "gen_ai_server_request_duration_seconds" has buckets that rise to their count

  Scenario: MET-005 - Error rate counter with narration
    Given the metrics are read
    When the task {"prompt": 1} is sent
    And "What is a hive?" is asked of the model "no such model"
    Then "rbee_requests_refused_total" has grown by 1 for {"error_type":"request.invalid"}
    And "rbee_jobs_ended_total" has grown by 1 for {"state":"failed","error_type":"model.not.found"}

  Scenario: MET-006 - VRAM usage gauge
    Given a node of its own that has a card of 25769803776 bytes
    And an idle worker for "starter"
    Then "rbee_gpu_memory_total_bytes" is 25769803776 for {"device":"cuda"}
    And "rbee_memory_booked_bytes" is for the device "cuda" what that worker has booked, and for "cpu" nothing

  Scenario: MET-009 - Crash rate by model with narration
    Given the metrics are read
    And an idle worker for "starter"
    When that worker is killed
    And its end is told as "worker.lost", by "signal SIGKILL"
    Then "rbee_workers_ended_total" has grown by 1 for {"error_type":"worker.lost","gen_ai_request_model":"starter"}
    And the log says "worker.ended" of that worker, because of "worker.lost"

  Scenario: MET-007 - Model download progress with narration
    Given the metrics are read
    And the hub has "hf:bees/metered-GGUF/metered-Q8_0.gguf"
    When "hf:bees/metered-GGUF:Q8_0" is fetched
    Then "rbee_model_download_bytes_total" has grown by all bytes of the model

  Scenario: MET-010 - Request throughput counter
    Given the metrics are read
    When 5 jobs of 20 tokens are submitted at once
    Then each of them is done with 20 tokens
    And "rbee_jobs_admitted_total" has grown by 5
    And "rbee_jobs_ended_total" has grown by 5 for {"state":"done"}
    And "gen_ai_client_token_usage_sum" has grown by 100 for {"gen_ai_token_type":"output"}

  Scenario: FULL-010 - Metrics collection across components
    Given an idle worker for the endless model
    And that worker is told to stop
    And that worker is gone from the list, its process from the machine, its record from the home
    And the metrics are read
    When the task {"prompt": 1} is sent
    And a job "long" of 20 tokens is submitted
    Then "long" is done with 20 tokens
    And "rbee_requests_refused_total" has grown by 1
    And "rbee_jobs_admitted_total" has grown by 1
    And "rbee_attempts_begun_total" has grown by 1
    And "rbee_worker_load_seconds_count" has grown by 1
    And "gen_ai_client_token_usage_sum" has grown by 20 for {"gen_ai_token_type":"output"}

  Scenario: MET-013 - Secret redaction in metric labels
    Given a node of its own that knows the token "hf_quetzal"
    And the hub has "hf:bees/secret-GGUF/secret-Q8_0.gguf"
    And the hub answers the next request for bytes with 401
    When "hf:bees/secret-GGUF:Q8_0" is fetched
    And "my key is sk-quetzal" is asked of the model "sk-quetzal-model"
    Then the hub was shown the token "hf_quetzal"
    And neither the log, nor stderr, nor the metrics hold "quetzal"

  Scenario: ERR-007 - Error messages don't contain raw tokens
    Given a node of its own that knows the token "hf_quetzal"
    And the hub has "hf:bees/secret-GGUF/secret-Q8_0.gguf"
    And the hub answers the next request for bytes with 401
    When "What is a hive?" is asked of the model "hf:bees/secret-GGUF:Q8_0"
    Then it has failed with "hub.unauthorized"
    And the hub was shown the token "hf_quetzal"
    And nothing that was told holds "quetzal"
