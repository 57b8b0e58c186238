/**
 * The key of a host that was never met: what it is, and writing it down once somebody has said that it is right.
 *
 * Owns: asking for it, its fingerprint, its line in known_hosts. Does not own: checking it, which `ssh` does on every
 * connection (SP2 of place.ts), or who approves.
 *
 *  HK1 What is approved is a key and not a promise: the very key that was shown is written down, and the connection
 *      that follows is refused if it meets another.
 *  HK2 Nothing is said to a host before its key is approved: no user is proven to it, no key is offered.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { RbeeError } from "../../protocol/errors.ts";
import { sshFailure } from "./failure.ts";
import { sshArguments, sshEnvironment, sshFolder, type SshPlace, type Surroundings } from "./place.ts";

const ANSWER_WITHIN_MS = 45_000;

export interface HostKey {
  /** `ssh-ed25519` */
  readonly kind: string;
  /** `SHA256:...`, as `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
  /** As it is written into known_hosts. */
  readonly line: string;
}

/** HK2. @throws RbeeError ssh.unreachable */
export async function askHostKey(place: SshPlace, surroundings: Surroundings): Promise<HostKey> {
  const folder = mkdtempSync(join(tmpdir(), "rbee-ssh-"));
  try {
    const file = join(folder, "known_hosts");
    const options = [
      ...["StrictHostKeyChecking=accept-new", `UserKnownHostsFile="${file}"`, "GlobalKnownHostsFile=/dev/null"],
      ...["PreferredAuthentications=none", "PubkeyAuthentication=no", "PasswordAuthentication=no"],
      ...["KbdInteractiveAuthentication=no", "GSSAPIAuthentication=no"],
    ];
    const stderr = await refused([...sshArguments(place, { ...surroundings, attended: false }, options), "true"], {
      env: surroundings.env,
    });
    const line = existsSync(file) ? (readFileSync(file, "utf8").split("\n")[0] ?? "") : "";
    const [, kind = "", key = ""] = line.split(" ");
    if (key === "") throw sshFailure(place.host, stderr);
    return { kind, fingerprint: fingerprintOf(key), line };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param key in base64 */
export const fingerprintOf = (key: string): string =>
  `SHA256:${createHash("sha256").update(Buffer.from(key, "base64")).digest("base64").replace(/=+$/, "")}`;

/** HK1: behind what stands in the user's file, for good. */
export async function keepHostKey(place: SshPlace, { line }: HostKey, surroundings: Surroundings): Promise<void> {
  const file = await knownHostsFile(place, surroundings);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const known = existsSync(file) ? readFileSync(file, "utf8") : "";
  const gap = known === "" || known.endsWith("\n") ? "" : "\n";
  appendFileSync(file, `${gap}${line}\n`, { mode: 0o600 });
}

/** As the configuration of this place has it. */
async function knownHostsFile(place: SshPlace, surroundings: Surroundings): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const args = ["-G", ...sshArguments(place, surroundings, [])];
  execFile("ssh", args, { env: sshEnvironment(surroundings.env) }, (error, stdout, stderr) =>
    error === null ? resolve(stdout) : reject(sshFailure(place.host, stderr)),
  );
  const named = /^userknownhostsfile (\/\S+)/m.exec(await promise)?.[1];
  return named === undefined ? join(sshFolder(surroundings.env), "known_hosts") : named;
}

/** Nobody is let in without a word, so it ends with a refusal; what it met stands in the file by then. */
async function refused(args: readonly string[], { env }: Pick<Surroundings, "env">): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { env: sshEnvironment(env), timeout: ANSWER_WITHIN_MS, killSignal: "SIGKILL" } as const;
  execFile("ssh", args, options, (error, _, stderr) =>
    error !== null && error.code === "ENOENT"
      ? reject(new RbeeError("ssh.missing", `ssh cannot be run: ${error.message}`))
      : resolve(stderr),
  );
  return promise;
}
