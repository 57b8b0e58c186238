/**
 * The test files that mutants name: small, fast and without a machine around them, so that a trial takes a second.
 *
 * @module
 */
export const ASKS = "test/unit/runtime/rules-asks.test.ts";
export const DELIVERY = "test/unit/runtime/rules-delivery.test.ts";
export const FAILURE = "test/unit/runtime/rules-failure.test.ts";
export const RESTART = "test/unit/runtime/rules-restart.test.ts";
export const ROOM = "test/unit/runtime/rules-room.test.ts";
export const TIME = "test/unit/runtime/rules-time.test.ts";
export const STRUCTURES = "test/property/runtime/structures.property.test.ts";

export const DOWNLOAD_MODEL = "test/model/download.model.test.ts";
export const DOWNLOADS = "test/unit/actors/hive/downloads.test.ts";
export const ROOM_ON_DISK = "test/unit/machines/rules/room.test.ts";
export const MODEL_NAME = "test/unit/protocol/model-name.test.ts";
export const FETCHER = "test/integration/fetcher.test.ts";
export const EGRESS = "test/unit/net/egress.test.ts";
export const REMOTE = "test/unit/actors/engines/remote/engine.test.ts";
export const REMOTE_WORDS = "test/unit/actors/engines/remote/words.test.ts";
export const REMOTE_REFUSALS = "test/unit/actors/engines/remote/refusals.test.ts";
export const REMOTE_NAME = "test/unit/protocol/remote-name.test.ts";
export const PRIVACY = "test/unit/actors/queen/privacy.test.ts";
export const ENDPOINTS = "test/unit/config/endpoints.test.ts";
export const WORKER_PROGRAM = "test/unit/hosts/worker-program.test.ts";
export const MACHINE = "test/integration/machine.test.ts";
export const FLIGHTS = "test/unit/hosts/models/flights.test.ts";

export const HIVE_MODEL = "test/model/hive.model.test.ts";
export const JOB_MODEL = "test/model/job.model.test.ts";
export const JOB_PROPERTY = "test/property/machines/job.property.test.ts";
export const PROCESS_MODEL = "test/model/process.model.test.ts";
export const QUEEN_MODEL = "test/model/queen.model.test.ts";
export const WORKER_MODEL = "test/model/worker.model.test.ts";

export const FLEET = "test/unit/machines/rules/fleet.test.ts";
export const INTENSITY = "test/unit/machines/rules/intensity.test.ts";
export const HEAP = "test/unit/machines/rules/heap.test.ts";
export const PACE = "test/unit/machines/rules/pace.test.ts";
export const QUOTA = "test/unit/machines/rules/quota.test.ts";
export const QUEUE = "test/unit/machines/rules/queue.test.ts";
export const HISTORY = "test/unit/machines/rules/history.test.ts";
export const JOB_LEFT = "test/unit/machines/job-left.test.ts";
export const CORES = "test/unit/machines/rules/cores.test.ts";
export const EVICT = "test/unit/machines/rules/evict.test.ts";
export const QUARANTINE = "test/unit/machines/rules/quarantine.test.ts";
export const RESERVE = "test/unit/machines/rules/reserve.test.ts";

export const ADMISSION = "test/unit/actors/queen/admission.test.ts";
export const KEYS = "test/unit/actors/queen/keys.test.ts";
export const CASCADE = "test/unit/actors/queen/cascade.test.ts";
export const INVENTORIES = "test/unit/actors/queen/inventories.test.ts";
export const MEMBERS = "test/unit/actors/queen/members.test.ts";
export const MEMBER_MODEL = "test/model/member.model.test.ts";
export const CHOOSE_HIVE = "test/unit/machines/rules/choose-hive.test.ts";
export const PERMITTED = "test/unit/hosts/cluster/permitted.test.ts";
export const STREAMS_PORT = "test/unit/hosts/streams-port.test.ts";
export const RELAY = "test/unit/net/relay.test.ts";
export const REJOIN = "test/unit/net/streams-rejoin.test.ts";
export const NEWS = "test/unit/actors/queen/news.test.ts";
export const PLACEMENT = "test/unit/actors/queen/placement.test.ts";
export const CROWDING = "test/unit/actors/queen/crowding.test.ts";
export const HIVE_MEMORY = "test/unit/actors/hive/memory.test.ts";
export const HIVE_LOOKOUTS = "test/unit/actors/hive/lookouts.test.ts";
export const DEVICES = "test/unit/hosts/machine/devices.test.ts";
export const LOOKOUTS = "test/unit/hosts/machine/lookouts.test.ts";
export const HIVE_QUARANTINE = "test/unit/actors/hive/quarantine.test.ts";
export const GGUF_MEMORY = "test/unit/actors/engines/gguf-memory.test.ts";
export const HIVE = "test/unit/actors/hive/behaviour.test.ts";
export const PROCESS = "test/unit/actors/hive/process.test.ts";
export const JOB = "test/unit/actors/job/behaviour.test.ts";
export const ENGINE_PORT = "test/unit/actors/worker/engine-port.test.ts";
export const WORKER = "test/unit/actors/worker/behaviour.test.ts";
export const WORKER_IDLE = "test/unit/machines/worker-idle.test.ts";
export const ENDS = "test/unit/actors/hive/ends.test.ts";
export const WORKERS = "test/unit/hosts/workers.test.ts";
export const SILENCE = "test/unit/hosts/silence.test.ts";
export const WATCH = "test/unit/actors/worker/watch.test.ts";

export const QUEEN_HISTORY = "test/unit/actors/queen/history.test.ts";
export const AUTHORITIES = "test/unit/cli/authorities.test.ts";
export const AUTHORITY = "test/unit/hosts/cluster/authority.test.ts";
export const CERTIFICATES = "test/unit/net/authority/certificates.test.ts";
export const CLUSTER = "test/unit/hosts/cluster/cluster.test.ts";
export const CLUSTER_DOOR = "test/unit/doors/cluster.test.ts";
export const ENTRANCE = "test/integration/entrance.test.ts";
export const ENTRANCE_TROUBLE = "test/integration/entrance-trouble.test.ts";
export const JOIN_TOKEN = "test/unit/net/authority/join-token.test.ts";
export const JOIN_TOKEN_RULE = "test/unit/machines/rules/join-token.test.ts";
export const MEMBERSHIP = "test/unit/hosts/cluster/membership.test.ts";
export const QUEEN_TOKENS = "test/unit/actors/queen/tokens.test.ts";

export const KEYS_DOOR = "test/unit/doors/keys.test.ts";
export const HIVE_DOOR = "test/unit/doors/hive.test.ts";
export const RBEE_DOOR = "test/unit/doors/rbee.test.ts";
export const STANDING = "test/unit/doors/standing.test.ts";
export const OPENAPI = "test/unit/doors/openapi.test.ts";
export const OPENAI_ROUTES = "test/unit/doors/openai/routes.test.ts";
export const CLIENTS = "test/unit/doors/clients.test.ts";
export const JSON_GRAMMAR = "test/unit/actors/engines/json-grammar.test.ts";
export const REFERENCES = "test/unit/doors/openai/references.test.ts";
export const RESPONSES = "test/unit/doors/openai/responses.test.ts";
export const OLLAMA_TEXT = "test/unit/doors/ollama/text.test.ts";
export const OLLAMA_MODELS = "test/unit/doors/ollama/models.test.ts";
export const OLLAMA_NAMES = "test/unit/doors/ollama/names.test.ts";
export const DIALECTS = "test/property/doors/dialects.property.test.ts";
export const ENGINE_LLAMA = "test/integration/engine-llama.test.ts";
export const CALL_SYNTAX = "test/unit/actors/engines/call-syntax.test.ts";
export const CHAT_HISTORY = "test/unit/actors/engines/chat-history.test.ts";
export const TOOLS = "test/unit/doors/tools.test.ts";
export const STOP = "test/unit/actors/engines/stop-reader.test.ts";
export const ANTHROPIC_ROUTES = "test/unit/doors/anthropic/routes.test.ts";
export const WHY = "test/unit/doors/why.test.ts";
export const WITNESS = "test/unit/hosts/watching/witness.test.ts";
export const MODEL_NAMES = "test/unit/hosts/watching/model-names.test.ts";
export const NODE_LOG = "test/unit/hosts/watching/node-log.test.ts";

export const CONFIG = "test/unit/config/load.test.ts";
export const CONFIG_WRITE = "test/unit/config/write.test.ts";
export const TRUST = "test/unit/config/trust.test.ts";
export const DOCTOR = "test/unit/cli/doctor.test.ts";
export const OFFERS = "test/unit/cli/offers.test.ts";
export const LOGS = "test/unit/cli/log-file.test.ts";
export const UNIT = "test/unit/cli/unit.test.ts";

export const CALLER = "test/unit/net/caller.test.ts";
export const GUARD = "test/unit/net/guard.test.ts";
export const GUESSES = "test/unit/net/guesses.test.ts";
export const SERVE_EVENTS = "test/integration/serve-events.test.ts";
export const SERVE_CLIENTS = "test/integration/serve-clients.test.ts";
export const SERVE = "test/integration/serve.test.ts";
export const OWN_NAMES = "test/unit/net/own-names.test.ts";
export const FRAMES = "test/unit/net/frames.test.ts";
export const STREAMS = "test/unit/net/streams.test.ts";
export const FRAMING = "test/unit/net/framing.test.ts";

export const LINK = "test/unit/net/link/link.test.ts";
export const LINK_HELLO = "test/unit/net/link/hello.test.ts";
export const LINK_KEEPER = "test/unit/net/link/keeper.test.ts";
export const LINK_SUSPICION = "test/unit/net/link/suspicion.test.ts";
export const LINK_DELIVERY = "test/property/net/link-delivery.property.test.ts";
export const LINK_FUZZ = "test/property/fuzz/link.property.test.ts";
export const LINK_PARTS = "test/property/net/link-parts.property.test.ts";
export const LINK_PIPES = "test/property/net/link-pipes.property.test.ts";
