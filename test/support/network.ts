/**
 * A network of a test's own: a namespace of the kernel's with an address that is not loopback, which nothing outside
 * reaches. It ends with the last program in it. Needs root on Linux.
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { needs } from "./needs.ts";

/** Of the range that is kept for examples. */
export const ADDRESS = "192.0.2.10";
const PREPARED = `ip link set lo up && ip address add ${ADDRESS}/32 dev lo`;

/** Runs what is behind it in a network of its own, and becomes that. */
export const OWN_NETWORK: readonly string[] = ["unshare", "--net", "sh", "-c", `${PREPARED} && exec "$@"`, "sh"];

/** Options that skip a test where no network can be made. */
export function needsNetwork(...programs: readonly string[]): ReturnType<typeof needs> {
  const tools = needs("ip", "unshare", "nsenter", ...programs);
  if (tools.skip) return tools;
  const may = spawnSync("unshare", ["--net", "sh", "-c", PREPARED]).status === 0;
  return may ? tools : { skip: true, meta: { missing: ["root, to make a network of its own"] } };
}

export interface Told {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program beside another in its network. */
export async function runBeside(
  pid: number,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Told> {
  const child = spawn("nsenter", ["--net", "--target", String(pid), ...command], { env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin.end();
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, stdout, stderr };
}
