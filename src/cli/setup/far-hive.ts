/**
 * The hive of a machine that was set up from here: started, stopped, and asked how it is.
 *
 * Over there it is a daemon as any (src/cli/daemon), which outlives the connection that started it.
 *
 *  HV1 It is stopped when none of its processes is found any more: asked to, then killed where it does not go.
 *  HV2 It goes with its queen: it was started for her, and nobody over there waits for it.
 *
 * @module
 */
import { z } from "zod";
import type { SshConnection } from "../../net/ssh/connection.ts";
import { readyLine } from "../../protocol/api.ts";
import { errorData, RbeeError } from "../../protocol/errors.ts";
import { farRbee } from "./far-program.ts";
import { killRemains, remainsOf, remainsText } from "./remains.ts";

/** Longer than a daemon takes to say that it serves, or cannot. */
const STARTED_WITHIN_MS = 90_000;
/** What runs over there may finish, and an installation says how long it may take. */
const STOPPED_WITHIN_MS = 20 * 60_000;

const stoppedShape = z.object({ stopped: z.boolean(), how: z.enum(["orderly", "hurried", "killed"]).optional() });
const statusShape = z.object({
  running: z.boolean(),
  state: z.string().max(50).optional(),
  pid: z.int().positive().nullish(),
  uptimeMs: z.number().optional(),
  restarts: z.int().optional(),
  log: z.string().max(5_000).optional(),
});
export type FarDaemon = z.infer<typeof statusShape>;

/** HV2. @returns the process that serves */
export async function startHive(far: SshConnection, root: string, name: string): Promise<number> {
  const args = ["daemon", "start", "--role", "hive", "--name", name, "--queen-gone", "end"];
  return (await farRbee(far, { root, args, shape: readyLine, withinMs: STARTED_WITHIN_MS })).pid;
}

export type HowStopped = "orderly" | "hurried" | "killed" | "not running";

/** HV1. @throws RbeeError setup.remains */
export async function stopHive(far: SshConnection, root: string): Promise<HowStopped> {
  const before = await remainsOf(far, root);
  if (before.pids.length === 0) return "not running";
  let how: HowStopped = "killed";
  try {
    const args = ["daemon", "stop"];
    how = (await farRbee(far, { root, args, shape: stoppedShape, withinMs: STOPPED_WITHIN_MS })).how ?? "killed";
  } catch (error) {
    // What is installed there may be broken, or no daemon: then it is killed. A connection that is gone is told.
    if (errorData(error).code.startsWith("ssh.")) throw error;
  }
  const left = await remainsOf(far, root);
  if (left.pids.length === 0) return how;
  await killRemains(far, root);
  const still = await remainsOf(far, root);
  if (still.pids.length === 0) return "killed";
  throw new RbeeError("setup.remains", remainsText(root, { ...still, files: false }));
}

export const hiveDaemon = (far: SshConnection, root: string): Promise<FarDaemon> =>
  farRbee(far, { root, args: ["daemon", "status"], shape: statusShape });
