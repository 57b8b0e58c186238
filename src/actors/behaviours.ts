/**
 * Every behaviour of the product, with settings as good as any: for whoever looks at all of them at once.
 *
 * Owns: the list. Does not own: real settings, which each host gets at its start.
 *
 * @module
 */
import { address } from "../../machines/words.ts";
import type { Behaviour } from "../runtime/behaviour.ts";
import { hiveBehaviour } from "./hive/behaviour.ts";
import { downloadBehaviour } from "./hive/download.ts";
import { processBehaviour } from "./hive/process.ts";
import { jobBehaviour } from "./job/behaviour.ts";
import { memberBehaviour } from "./member/behaviour.ts";
import { queenBehaviour } from "./queen/behaviour.ts";
import { agentBehaviour } from "./team/agent.ts";
import { CREW, crewBehaviour } from "./team/crew.ts";
import { discussionBehaviour } from "./team/discussion.ts";
import { knowledgeBehaviour } from "./team/knowledge.ts";
import { libraryBehaviour } from "./team/library.ts";
import { specialistBehaviour } from "./team/specialist.ts";
import { workerBehaviour } from "./worker/behaviour.ts";

const SECOND_MS = 1000;

export const behaviours: readonly Behaviour[] = [
  queenBehaviour({
    queueLengthMax: 1000,
    jobDeadlineMs: 60 * SECOND_MS,
    attemptsMax: 3,
    defaultModel: "starter",
    hives: [address("hive", "hive", "main")],
    name: "home",
    finishMs: 10 * SECOND_MS,
    stopMs: 20 * SECOND_MS,
    crowdedMs: 30 * SECOND_MS,
    endpoints: {},
  }),
  hiveBehaviour({
    queen: address("queen", "queen", "main"),
    headroomBytes: 2 ** 28,
    gpu: "auto",
    threads: "auto",
  }),
  memberBehaviour({ leaseMs: 9 * SECOND_MS }),
  downloadBehaviour({ diskReserveBytes: 2 ** 27, patienceMs: 600 * SECOND_MS }),
  processBehaviour({
    loadTimeoutMs: 130 * SECOND_MS,
    stopTimeoutMs: 12 * SECOND_MS,
    killTimeoutMs: 5 * SECOND_MS,
    silentMs: 10 * SECOND_MS,
  }),
  workerBehaviour({
    engine: address("worker", "port", "engine"),
    idleTimeoutMs: 300 * SECOND_MS,
    loadTimeoutMs: 120 * SECOND_MS,
    drainTimeoutMs: 10 * SECOND_MS,
    port: () => 8001,
  }),
  jobBehaviour(),
  libraryBehaviour({ discussionsMax: 32 }),
  agentBehaviour({ ttlMs: 600 * SECOND_MS }),
  knowledgeBehaviour(),
  discussionBehaviour({
    crew: CREW,
    summarizer: { name: "summarizer", colour: "yellow", hash: "", place: "any", body: "You sum up." },
    frame: "You are one of a team.",
  }),
  crewBehaviour(),
  specialistBehaviour({ ttlMs: 600 * SECOND_MS }),
];
