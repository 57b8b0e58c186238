/**
 * Every name by which a node is watched: its metrics, and the events and fields of its log.
 *
 * Where OpenTelemetry's conventions for generative AI have a name it is theirs, metrics in Prometheus' spelling (dots
 * become underscores, the unit ends the name). All that is ours begins with `rbee`.
 *
 *  T1 No label holds an id, a path, a key or a word of what was asked or said: their values are few and known, and
 *     models are named as {@link modelLabel} says.
 *
 * @module
 */

/** OpenTelemetry's advice for each, in seconds; tokens in powers of four. */
const REQUEST_SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const FIRST_TOKEN_SECONDS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
] as const;
const OUTPUT_TOKEN_SECONDS = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576];
const LOAD_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320];
const TEAM_SECONDS = [0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320];
const LAG_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

const MODEL = "gen_ai_request_model";
const OPERATION = "gen_ai_operation_name";
const ERROR = "error_type";

export interface MetricDefinition {
  readonly kind: "counter" | "gauge" | "histogram";
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

const histogram = (name: string, help: string, labels: readonly string[], buckets: readonly number[]) =>
  ({ kind: "histogram", name, help, labels, buckets }) as const;
const counter = (name: string, help: string, labels: readonly string[] = []) =>
  ({ kind: "counter", name, help, labels }) as const;
const gauge = (name: string, help: string, labels: readonly string[] = []) =>
  ({ kind: "gauge", name, help, labels }) as const;

export const METRICS = {
  requestSeconds: histogram(
    "gen_ai_server_request_duration_seconds",
    "From the arrival of a request to its end.",
    [OPERATION, MODEL, ERROR],
    REQUEST_SECONDS,
  ),
  firstTokenSeconds: histogram(
    "gen_ai_server_time_to_first_token_seconds",
    "From the arrival of a request to its first token: its waiting, a load and the prompt's evaluation are in it.",
    [OPERATION, MODEL],
    FIRST_TOKEN_SECONDS,
  ),
  outputTokenSeconds: histogram(
    "gen_ai_server_time_per_output_token_seconds",
    "Time for each token behind the first, of requests that succeeded.",
    [OPERATION, MODEL],
    OUTPUT_TOKEN_SECONDS,
  ),
  tokens: histogram(
    "gen_ai_client_token_usage",
    "Tokens of a request, read (input) and said (output).",
    [OPERATION, MODEL, "gen_ai_token_type"],
    TOKENS,
  ),
  teamDiscussions: counter("rbee_team_discussions_total", "Discussions ended, by why.", ["mode", "reason"]),
  teamTurns: counter("rbee_team_turns_total", "Turns of discussions ended, by how.", ["mode", "end"]),
  teamTokens: counter("rbee_team_tokens_total", "Tokens of discussions, read and said, told at their end.", ["mode"]),
  teamFlips: counter("rbee_team_flips_total", "Votes for another than the voter's own draft."),
  teamSeconds: histogram(
    "rbee_team_seconds",
    "From a question to the last word about it; of a fork from where it goes on.",
    ["mode"],
    TEAM_SECONDS,
  ),
  teamAgents: gauge("rbee_team_agents", "Agents of sessions that live now.", ["agent"]),
  teamMemory: gauge("rbee_team_agent_memory_bytes", "What agents keep for themselves.", ["agent"]),
  storeSeconds: histogram(
    "rbee_store_seconds",
    "From a door's question to the team's store until the answer.",
    [],
    LAG_SECONDS,
  ),
  queenUp: gauge(
    "rbee_queen_up",
    "1 when the queen answered this scrape in time; what only she knows is left out when not.",
  ),
  queueLength: gauge("rbee_queue_length", "Jobs that wait for a worker."),
  queueLengthMax: gauge("rbee_queue_length_max", "Jobs that may wait before more are refused."),
  jobsRunning: gauge("rbee_jobs_running", "Jobs that hold a slot."),
  jobsAdmitted: counter("rbee_jobs_admitted_total", "Jobs accepted."),
  jobsEnded: counter("rbee_jobs_ended_total", "Jobs ended, by how.", ["state", ERROR]),
  attemptsBegun: counter("rbee_attempts_begun_total", "Attempts begun; more than jobs ended means that work was lost."),
  requestsRefused: counter("rbee_requests_refused_total", "Requests that the door refused.", [ERROR]),
  workers: gauge("rbee_workers", "Worker processes.", ["state", MODEL]),
  workerLoadSeconds: histogram(
    "rbee_worker_load_seconds",
    "From asking for a worker to its being ready; waiting for memory and a download are in it.",
    [MODEL],
    LOAD_SECONDS,
  ),
  workerLoadsRefused: counter("rbee_worker_loads_refused_total", "Workers that were asked for and not begun.", [ERROR]),
  workerEndingSeconds: histogram(
    "rbee_worker_ending_seconds",
    "From the first step to end a worker until its process is gone; what it still finished is in it.",
    [MODEL],
    LOAD_SECONDS,
  ),
  workersEnded: counter("rbee_workers_ended_total", "Workers ended, by their reason and model.", [ERROR, MODEL]),
  memoryBooked: gauge("rbee_memory_booked_bytes", "Memory booked for workers, by where it is.", ["device"]),
  memoryFree: gauge("rbee_memory_free_bytes", "Memory of this machine that is free."),
  memoryTotal: gauge("rbee_memory_total_bytes", "Memory of this machine that may be used."),
  gpuMemoryTotal: gauge("rbee_gpu_memory_total_bytes", "Memory of this machine's graphics cards.", ["device"]),
  downloadedBytes: counter("rbee_model_download_bytes_total", "Bytes of models fetched."),
  downloadWaits: counter("rbee_model_download_waits_total", "Pauses before a download was tried again.", [ERROR]),
  threadRestarts: counter("rbee_thread_restarts_total", "Threads of this node started again.", ["thread"]),
  chunksDropped: counter("rbee_stream_chunks_dropped_total", "Pieces of output of an attempt that counts no more."),
  loopLag: histogram(
    "rbee_porter_event_loop_lag_seconds",
    "How late the porter's thread was for a timer, sampled twice a second.",
    [],
    LAG_SECONDS,
  ),
  residentMemory: gauge("process_resident_memory_bytes", "Resident memory of the node, its workers aside."),
  cpuSeconds: counter("process_cpu_seconds_total", "Time of processors that the node has used, its workers aside."),
  startTime: gauge("process_start_time_seconds", "When the node started, since the epoch."),
  info: gauge("rbee_build_info", "1, for its labels.", ["version"]),
} as const satisfies Record<string, MetricDefinition>;

/** Fields of a log line, beside `level`, `time` and `msg`. */
export const FIELDS = {
  event: "event.name",
  service: "service.name",
  version: "service.version",
  pid: "process.pid",
  operation: "gen_ai.operation.name",
  model: "gen_ai.request.model",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  error: "error.type",
  method: "http.request.method",
  route: "http.route",
  status: "http.response.status_code",
  url: "url.full",
  request: "rbee.request.id",
  /** The id of an API key. */
  key: "rbee.key.id",
  /** What its owner calls it, and the beginning of its hash. */
  keyName: "rbee.key.name",
  keyFingerprint: "rbee.key.fingerprint",
  token: "rbee.token.id",
  address: "client.address",
  trace: "trace_id",
  step: "span_id",
  node: "rbee.node.name",
  /** Another machine, and its certificate. */
  peer: "rbee.peer.name",
  fingerprint: "rbee.peer.fingerprint",
  epoch: "rbee.queen.epoch",
  job: "rbee.job.id",
  attempt: "rbee.job.attempt",
  label: "rbee.job.label",
  state: "rbee.job.state",
  position: "rbee.queue.position",
  worker: "rbee.worker.id",
  workerPid: "rbee.worker.pid",
  /** nothing, request, SIGTERM or SIGKILL: the hardest thing that was done to end it. */
  endedAfter: "rbee.worker.ended_after",
  workerExitCode: "rbee.worker.exit_code",
  workerSignal: "rbee.worker.signal",
  bytes: "rbee.bytes",
  thread: "rbee.thread",
  durationMs: "rbee.duration_ms",
  /** From the first step to end it. */
  endingMs: "rbee.worker.ending_ms",
  firstTokenMs: "rbee.first_token_ms",
  found: "rbee.orphans.found",
  killed: "rbee.orphans.killed",
  exitCode: "process.exit.code",
  /** Lines of this kind that were not written since the last one that was. */
  untold: "rbee.lines.untold",
  text: "rbee.text",
  textHash: "rbee.text.sha256",
} as const;

/** A model as metrics and logs name it: a file by its own name, never by the way to it. */
export const modelLabel = (model: string): string =>
  model.startsWith("file:") ? `file:${model.slice(model.lastIndexOf("/") + 1)}` : model;
