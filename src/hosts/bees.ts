/**
 * The thread of a queen or a hive: one durable host, its journal, its root cell.
 *
 * Owns: putting the host together and ending it. Does not own: sockets, processes, time; the porter has those.
 *
 *  B1 It ends by itself, between turns, with its journal closed: an open one must not be terminated.
 *  B2 Whatever throws outside a step is a crash of the host, told as data.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { hiveBehaviour } from "../actors/hive/behaviour.ts";
import { downloadBehaviour } from "../actors/hive/download.ts";
import { processBehaviour } from "../actors/hive/process.ts";
import { hiveTables } from "../actors/hive/tables.ts";
import { jobBehaviour } from "../actors/job/behaviour.ts";
import { memberBehaviour } from "../actors/member/behaviour.ts";
import { jobTables } from "../actors/job/tables.ts";
import { queenBehaviour } from "../actors/queen/behaviour.ts";
import { queenTables } from "../actors/queen/tables.ts";
import { agentBehaviour } from "../actors/team/agent.ts";
import { crewBehaviour } from "../actors/team/crew.ts";
import { discussionBehaviour } from "../actors/team/discussion.ts";
import { knowledgeBehaviour } from "../actors/team/knowledge.ts";
import { libraryBehaviour } from "../actors/team/library.ts";
import { specialistBehaviour } from "../actors/team/specialist.ts";
import { storeTables, thinkersTables } from "../actors/team/tables.ts";
import { errorData } from "../protocol/errors.ts";
import { Host } from "../runtime/host.ts";
import { realClock } from "../runtime/real/clock.ts";
import { createDriver } from "../runtime/real/driver.ts";
import { openJournal, realDisk } from "../runtime/real/journal/journal.ts";
import { dirname } from "node:path";
import type { BeeLife, FromBee, ToBee } from "./bee-messages.ts";
import { Bundle } from "./bundle.ts";
import { ownTask } from "./real/kernel.ts";

const port = parentPort;
if (port === null) throw new Error("bees.ts is the entry of a thread");
const start = workerData as BeeLife;

const ROOTS = {
  queen: ["queen"],
  hive: ["hive"],
  store: ["library", "knowledge"],
  thinkers: ["crew"],
} as const;

const bundle = new Bundle<FromBee>((messages) => port.postMessage(messages));
const say = (message: FromBee): void => bundle.say(message);

const parts = {
  queen: () => ({
    behaviours: [queenBehaviour(start.queen), memberBehaviour(start.member), jobBehaviour()],
    tables: [...queenTables, ...jobTables],
  }),
  hive: () => ({
    behaviours: [hiveBehaviour(start.hive), processBehaviour(start.process), downloadBehaviour(start.download)],
    tables: hiveTables,
  }),
  store: () => ({
    behaviours: [
      libraryBehaviour(start.team),
      agentBehaviour(start.agent),
      knowledgeBehaviour(),
      discussionBehaviour(start.team),
    ],
    tables: storeTables,
  }),
  thinkers: () => ({
    behaviours: [crewBehaviour(), specialistBehaviour(start.thinker)],
    tables: thinkersTables,
  }),
};

function run(): void {
  const driver = createDriver();
  const { journalPath } = start;
  const host: Host = new Host({
    id: start.host,
    ...parts[start.role](),
    journal: journalPath === undefined ? undefined : openJournal(journalPath),
    clock: realClock,
    transport: { send: (to, frames) => say({ kind: "frames", to, life: host.lifeOf(to), frames }) },
    ...(journalPath === undefined ? {} : { disk: realDisk(dirname(journalPath)) }),
    headroomBytes: start.headroomBytes,
    blameless: start.blameless,
    wake: driver.wake,
  });

  let ended = false;
  const end = (last: FromBee): void => {
    if (ended) return;
    ended = true;
    driver.stop();
    host.close();
    say(last);
    bundle.flush();
    port?.close();
  };
  const crash = (error: unknown): void => end({ kind: "crashed", error: errorData(error) });
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);

  const hear = (message: ToBee): void => {
    switch (message.kind) {
      case "frames":
        return host.receive(message.from, message.frames);
      case "peer.up":
        return host.peerUp(message.host, message.life, message.isForgetful);
      case "peer.down":
        return host.peerDown(message.host);
      case "ping":
        return say({ kind: "pong", n: message.n });
      case "close":
        return end({ kind: "closed" });
    }
  };
  port?.on("message", (messages: readonly ToBee[]) => {
    for (const message of messages) hear(message);
  });

  const restored = host.open();
  for (const kind of ROOTS[start.role]) host.root(kind, "main", {});
  driver.drive(host, crash);
  say({ kind: "opened", restored });
}

try {
  say({ kind: "begun", task: ownTask() });
  run();
} catch (thrown) {
  say({ kind: "crashed", error: errorData(thrown) });
  bundle.flush();
  port.close();
}
