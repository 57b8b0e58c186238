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

export const HIVE_MODEL = "test/model/hive.model.test.ts";
export const JOB_MODEL = "test/model/job.model.test.ts";
export const JOB_PROPERTY = "test/property/machines/job.property.test.ts";
export const PROCESS_MODEL = "test/model/process.model.test.ts";
export const QUEEN_MODEL = "test/model/queen.model.test.ts";
export const WORKER_MODEL = "test/model/worker.model.test.ts";

export const FLEET = "test/unit/machines/rules/fleet.test.ts";
export const HEAP = "test/unit/machines/rules/heap.test.ts";
export const QUEUE = "test/unit/machines/rules/queue.test.ts";
export const RESERVE = "test/unit/machines/rules/reserve.test.ts";

export const ADMISSION = "test/unit/actors/queen/admission.test.ts";
export const CASCADE = "test/unit/actors/queen/cascade.test.ts";
export const NEWS = "test/unit/actors/queen/news.test.ts";
export const PLACEMENT = "test/unit/actors/queen/placement.test.ts";
export const HIVE = "test/unit/actors/hive/behaviour.test.ts";
export const PROCESS = "test/unit/actors/hive/process.test.ts";
export const JOB = "test/unit/actors/job/behaviour.test.ts";
export const ENGINE_PORT = "test/unit/actors/worker/engine-port.test.ts";
export const WORKER = "test/unit/actors/worker/behaviour.test.ts";

export const FRAMES = "test/unit/net/frames.test.ts";
export const STREAMS = "test/unit/net/streams.test.ts";
