/**
 * A machine as SSH finds it, and the arguments by which `ssh` is told so.
 *
 * The program `ssh` of this machine carries it all: its configuration, agents, keys, jumps and certificates mean here
 * what they mean everywhere else.
 *
 *  SP1 Nothing that names a machine is taken for an option, or by a shell.
 *  SP2 A host key is checked, always: no configuration lets one pass that is not known.
 *  SP3 Nothing of this machine is lent to the other: no agent, no display, no forwarded port.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/** SP1. A host may be an alias of ~/.ssh/config. */
const HOST = /^[A-Za-z0-9_[:][A-Za-z0-9._:%[\]-]{0,252}$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9._@+$-]{0,63}$/;

export const sshPlace = z.strictObject({
  host: z.string().regex(HOST, { error: "expected a host name, an address, or a Host of ~/.ssh/config" }),
  port: z.int().min(1).max(65_535).optional(),
  user: z.string().regex(USER, { error: "expected the name of a user" }).optional(),
  /** Absolute. Without it those of ~/.ssh/config, of the agent, and the usual ones. */
  keyFile: z.string().startsWith("/", { error: "expected an absolute path" }).max(4096).optional(),
});
export type SshPlace = z.infer<typeof sshPlace>;

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether somebody is there whom `ssh` may ask for a passphrase or a password. */
  readonly attended: boolean;
}

const CONNECT_SECONDS = 10;
/** A machine that says nothing for a minute is gone. */
const ALIVE = ["ServerAliveInterval=15", "ServerAliveCountMax=4"];

/** SP1, SP2, SP3: all of it but the command. */
export function sshArguments(place: SshPlace, { env, attended }: Surroundings, more: readonly string[]): string[] {
  const { host, port, user, keyFile } = place;
  const options = [
    // The first that says something is obeyed, so these come before all others.
    ...more,
    "StrictHostKeyChecking=yes",
    `BatchMode=${attended ? "no" : "yes"}`,
    `ConnectTimeout=${CONNECT_SECONDS}`,
    ...ALIVE,
    ...["ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes", "PermitLocalCommand=no", "UpdateHostKeys=no"],
    ...["ControlMaster=no", "ControlPath=none", "ControlPersist=no", "RequestTTY=no", "LogLevel=INFO"],
    ...(keyFile === undefined ? [] : [`IdentityFile="${keyFile.replaceAll("%", "%%")}"`, "IdentitiesOnly=yes"]),
  ];
  return [
    ...options.flatMap((option) => ["-o", option]),
    ...homeArguments(env),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(user === undefined ? [] : ["-l", user]),
    "--",
    host,
  ];
}

export const sshFolder = (env: Surroundings["env"]): string => join(env["HOME"] || homedir(), ".ssh");

/** `ssh` looks into the home that the user database names, whatever HOME says: who has set that means it. */
function homeArguments(env: Surroundings["env"]): readonly string[] {
  const folder = sshFolder(env);
  if (folder === join(userInfo().homedir, ".ssh")) return [];
  const config = join(folder, "config");
  const keys = ["id_ed25519", "id_ecdsa", "id_rsa"].map((name) => join(folder, name)).filter(existsSync);
  return [
    ...["-F", existsSync(config) ? config : "none"],
    ...["-o", `UserKnownHostsFile="${join(folder, "known_hosts")}"`],
    ...keys.flatMap((key) => ["-i", key]),
  ];
}

/** Of this machine's environment, in the language that {@link sshFailure} reads. */
export const sshEnvironment = (env: Surroundings["env"]): NodeJS.ProcessEnv => ({ ...env, LC_ALL: "C" });
