/**
 * Real processes: forks the children of a node, carries their frames, signals and reaps them.
 *
 * Owns: the pipes and handles of living children, and the record of each. Does not own: when one is needed or ended.
 * Used from the porter alone, the main thread: a child forked by a thread that ends becomes a zombie nobody hears of,
 * and the kernel's help (L5 of lifeline.ts) follows the forking thread.
 *
 * P1 to P4: see the port, src/actors/hive/processes.ts. Here P1 holds because the number of a child is not given to
 * another before it is reaped, and after that it is not signalled; its start time is compared all the same.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { PROCESS_TOKEN } from "../../actors/hive/processes.ts";
import type { Exit, Forked, ProcessEvents, Processes } from "../../actors/hive/processes.ts";
import { channelOver } from "../../net/channel.ts";
import type { Channel } from "../../net/channel.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { processFacts } from "./kernel.ts";
import {
  homeMark,
  killUntilGone,
  markEnvironment,
  markedProcesses,
  removeRecord,
  writeRecord,
} from "./process-marks.ts";
import { captureOutput } from "./process-output.ts";
import { forkError, spawnChild } from "./spawn-child.ts";

/** How long after its death the pipes of a process may hold back the news: a helper may still have them open. */
const PIPES_GRACE_MS = 250;
const HELPERS_DEADLINE_MS = 1_000;
const EXITS_REMEMBERED = 256;

export interface RealProcessesOptions {
  readonly home: string;
  readonly runDir: string;
  /** What every child gets as its environment, before its own. */
  readonly env: Readonly<Record<string, string>>;
}

interface Life {
  readonly forked: Forked;
  readonly channel: Channel;
}

export function realProcesses({ home, runDir, env }: RealProcessesOptions): Processes {
  const mark = homeMark(home);
  const living = new Map<string, Life>();
  const exits = new Map<string, Promise<Exit>>();
  const forking = new Set<string>();

  const forget = (): void => {
    const reaped = [...exits.keys()].filter((token) => !living.has(token));
    for (const token of reaped.slice(0, -EXITS_REMEMBERED)) exits.delete(token);
  };

  return {
    async fork(spec, events) {
      const { token } = spec;
      if (!PROCESS_TOKEN.test(token)) throw new RbeeError("defect", `no token of a process: ${token}`);
      if (forking.has(token) || exits.has(token)) throw new RbeeError("defect", `the token ${token} was used before`);

      forking.add(token);
      const childEnv = { ...env, ...spec.env, ...markEnvironment(mark, token) };
      const child = await spawnChild(spec.entry, spec.args, childEnv).finally(() => forking.delete(token));
      const forked: Forked = { pid: child.pid, startTicks: processFacts(child.pid)?.startTicks ?? "" };
      recordOrKill(runDir, token, forked);

      const channelClosed = Promise.withResolvers<void>();
      const channel = channelOver(child.frames, tellingWhenClosed(events, channelClosed.resolve));
      const readLastLines = captureOutput(child.stdout, child.stderr, spec.logPath);
      living.set(token, { forked, channel });

      const reap = async (): Promise<Exit> => {
        const [code, signal] = await child.exit;
        living.delete(token);
        await endHelpers(mark, token, forked.pid);
        await Promise.race([child.pipesClosed, pause(PIPES_GRACE_MS).then(looked)]);
        channel.destroy();
        await channelClosed.promise;
        removeRecord(runDir, token);
        forget();
        return { code, signal, lastLines: readLastLines() };
      };
      exits.set(token, reap());
      return forked;
    },

    write: (token, bytes, mayWait) => living.get(token)?.channel.send(bytes, mayWait) ?? "gone",

    exited: (token) => exits.get(token),

    signal(token, signal) {
      const forked = living.get(token)?.forked;
      if (forked === undefined || (processFacts(forked.pid)?.startTicks ?? "") !== forked.startTicks) return false;
      return signalGroup(forked.pid, signal);
    },

    list: () => [...living].map(([token, { forked }]) => ({ token, ...forked })),
  };
}

/** Where this thread itself stood still the time was over before anything was read. */
const looked = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function recordOrKill(runDir: string, token: string, forked: Forked): void {
  try {
    writeRecord(runDir, { token, ...forked });
  } catch (error) {
    signalGroup(forked.pid, "SIGKILL");
    throw forkError(error);
  }
}

const tellingWhenClosed = (events: ProcessEvents, closed: () => void): ProcessEvents => ({
  onFrame: (bytes) => events.onFrame(bytes),
  onDrain: () => events.onDrain?.(),
  onClosed(cause) {
    events.onClosed(cause);
    closed();
  },
});

/** Only for a child that is not reaped yet: until then nobody else can have its number. */
function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/**
 * Whoever was started by a process that is now reaped and did not go with it. Its group may be another's by now, so
 * the members are looked for and signalled one by one, by their marks; asking whether there is a group costs nothing.
 */
async function endHelpers(mark: string, token: string, group: number): Promise<void> {
  if (!groupExists(group)) return;
  await killUntilGone(() => markedProcesses(mark).filter((marked) => marked.token === token), HELPERS_DEADLINE_MS);
}

function groupExists(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}
