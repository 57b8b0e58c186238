/**
 * The way to a machine, for a command: a connection over SSH, once a host that was never met is approved.
 *
 *  RC1 A host key is approved by a person who sees its fingerprint, or by a word of the command that names that very
 *      fingerprint. Without either nothing is written down and nothing is said to that host.
 *
 * @module
 */
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { openSsh, type SshConnection } from "../../net/ssh/connection.ts";
import { askHostKey, type HostKey, keepHostKey } from "../../net/ssh/host-key.ts";
import type { SshPlace, Surroundings } from "../../net/ssh/place.ts";
import { errorData, RbeeError } from "../../protocol/errors.ts";
import type { Run } from "../run.ts";

/** @throws RbeeError ssh.hostkey.unknown, and all that {@link openSsh} throws */
export async function reach(run: Run, place: SshPlace): Promise<SshConnection> {
  const surroundings = { env: run.env, attended: process.stdin.isTTY && process.stderr.isTTY };
  const opening = { ...surroundings, signal: run.interruption.signal };
  try {
    return await openSsh(place, opening);
  } catch (error) {
    if (errorData(error).code !== "ssh.hostkey.unknown") throw error;
  }
  const key = await askHostKey(place, surroundings);
  await approve(run, place, key, surroundings);
  await keepHostKey(place, key, surroundings);
  return openSsh(place, opening);
}

/** Runs `use` over a connection that is closed after it, however it ends. */
export async function over<Result>(
  run: Run,
  place: SshPlace,
  use: (far: SshConnection) => Promise<Result>,
): Promise<Result> {
  const far = await reach(run, place);
  try {
    return await use(far);
  } finally {
    await far.close();
  }
}

/** RC1. */
async function approve(
  { options, interruption }: Run,
  { host }: SshPlace,
  key: HostKey,
  on: Surroundings,
): Promise<void> {
  const { kind, fingerprint } = key;
  const named = options.text("--accept-host-key");
  if (named === fingerprint) return;
  const met = `${host} was never met; its key (${kind}) is ${fingerprint}`;
  const refuse = (why: string): never => {
    throw new RbeeError("ssh.hostkey.unknown", `${met}${why}`, { host, fingerprint });
  };
  if (named !== undefined) refuse(`, and not ${named}`);
  if (!on.attended) refuse("");
  if ((await answered(`${met}.\nIs it right? (yes/no) `, interruption.signal)) !== "yes")
    refuse(", and was not approved");
}

/** What a person types; nothing where the terminal ends. */
async function answered(question: string, signal: AbortSignal): Promise<string> {
  // The terminal edits the line and sends signals, as it does for any program.
  const asking = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    const ended = once(asking, "close").then(() => "");
    return (await Promise.race([asking.question(question, { signal }), ended])).trim().toLowerCase();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    asking.close();
  }
}
