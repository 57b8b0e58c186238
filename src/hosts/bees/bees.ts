/**
 * The thread of a bee: one host, its journal where it has one, its root cell.
 *
 * Owns: putting the host together and ending it. Does not own: sockets, processes, time; the porter has those. What the
 * host runs is its role's (roles/).
 *
 *  B1 It ends by itself, between turns, with its journal closed: an open one must not be terminated.
 *  B2 Whatever throws outside a step is a crash of the host, told as data.
 *  B3 A thread loads what its role runs and nothing of the others: a start is mostly the loading of modules.
 *
 * @module
 */
import { dirname } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { errorData } from "../../protocol/errors.ts";
import type { HostOptions } from "../../runtime/core.ts";
import { Host } from "../../runtime/host.ts";
import { realClock } from "../../runtime/real/clock.ts";
import { createDriver } from "../../runtime/real/driver.ts";
import type { BeeLife, BeeRole, FromBee, ToBee } from "./bee-messages.ts";
import { Bundle } from "./bundle.ts";
import { ownTask } from "../real/kernel.ts";
import type { Role } from "./roles/role.ts";
import { Ways } from "./ways.ts";

const port = parentPort;
if (port === null) throw new Error("bees.ts is the entry of a thread");
const start = workerData as BeeLife;

const bundle = new Bundle<FromBee>((messages) => port.postMessage(messages));
const say = (message: FromBee): void => bundle.say(message);

const ROLES: Readonly<Record<BeeRole, () => Promise<Role>>> = {
  queen: async () => (await import("./roles/queen.ts")).queen,
  hive: async () => (await import("./roles/hive.ts")).hive,
  store: async () => (await import("./roles/store.ts")).store,
  thinkers: async () => (await import("./roles/thinkers.ts")).thinkers,
};

/** What only a durable host has. */
async function durableParts(journalPath: string): Promise<Pick<HostOptions, "journal" | "disk">> {
  const { openJournal, realDisk } = await import("../../runtime/real/journal/journal.ts");
  return { journal: openJournal(journalPath), disk: realDisk(dirname(journalPath)) };
}

async function run(): Promise<void> {
  const driver = createDriver();
  const { journalPath } = start;
  const ways = new Ways((from, frames) => host.receive(from, frames));
  const { roots, behaviours, tables } = (await ROLES[start.role]())(start);
  const host: Host = new Host({
    id: start.host,
    behaviours,
    tables,
    ...(journalPath === undefined ? { journal: undefined } : await durableParts(journalPath)),
    clock: realClock,
    transport: {
      send(to, frames) {
        if (!ways.send(to, frames)) say({ kind: "frames", to, life: host.lifeOf(to), frames });
      },
    },
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
    ways.partAll();
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
        ways.meet(message.host, message.way);
        return host.peerUp(message.host, message.life, message.isForgetful);
      case "peer.down":
        ways.part(message.host);
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
  for (const root of roots) host.root(root, "main", {});
  driver.drive(host, crash);
  say({ kind: "opened", restored });
}

try {
  say({ kind: "begun", task: ownTask() });
  await run();
} catch (thrown) {
  say({ kind: "crashed", error: errorData(thrown) });
  bundle.flush();
  port.close();
}
