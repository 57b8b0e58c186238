/**
 * Finding the queen: the one that is named, else whoever holds RBEE_HOME, else the queen of the cluster that this
 * machine has joined, else a node of our own.
 *
 * Owns: that order, and the node of our own for as long as it is needed. Does not own: the lock
 * (src/hosts/real/home-lock.ts) or the node (src/hosts/node.ts).
 *
 *  A1 A queen that was named is used or `queen.unreachable`: nothing is started beside her.
 *  A2 Of two that start at once one holds the home, and the other attaches to it.
 *  A3 A node of our own ends with `close`; before that it waits for others who use it, unless hurried.
 *  A4 A daemon whose node is just started again is waited for: nobody takes the home from it.
 *  A5 Of a machine that has joined, and whose part does not run, the queen is asked with its certificate.
 *  A6 A node of our own loads its default model beforehand only where somebody will talk with it: a list of models
 *     needs none, and a job says which it wants.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { RbeeError } from "../../protocol/errors.ts";
import { loadConfig, type LoadedConfig } from "../../runtime/config/load.ts";
import type { Environment } from "../../runtime/config/paths.ts";
import { secretOf } from "../../runtime/config/secret.ts";
import type { RunningNode } from "../../hosts/node-contract.ts";
import { openClient, type Client } from "../client/client.ts";
import type { Door } from "../client/door.ts";
import type { Interruption } from "../interruption.ts";
import { refuse } from "../options.ts";
import type { Run } from "../run.ts";

/** How long a node may take to start or to end before it is in the way. */
export const PASSING_MS = 20_000;
const POLL_MS = 50;

export interface Attached {
  readonly client: Client;
  readonly kind: "named" | "holder" | "cluster" | "embedded";
  /** The local socket of a holder or of our own node. */
  readonly socketPath: string | undefined;
  /** Leaves; the node of our own ends once nobody else uses it. */
  close(): Promise<void>;
}

export interface Attaching {
  readonly loaded: LoadedConfig;
  readonly env: Environment;
  /** `--queen`, where the command has it. */
  readonly queen?: string | undefined;
  readonly interruption: Interruption;
  /** A6: nobody will talk with a node of our own. */
  readonly cold?: boolean;
  say(line: string): void;
}

/** Embeds a node if need be. Another process that holds the home and does not serve is starting or ending: we wait. */
export async function attachOrEmbed(attaching: Attaching): Promise<Attached> {
  const giveUpMs = performance.now() + PASSING_MS;
  for (;;) {
    attaching.interruption.signal.throwIfAborted();
    const found = await attachNamedOrHolder(attaching);
    if (found !== undefined) return found;
    const isLate = performance.now() > giveUpMs;
    try {
      if (isLate || !(await daemonComes(attaching.loaded.paths.home))) return await embed(attaching);
    } catch (error) {
      const held = error instanceof RbeeError && error.code === "home.held";
      if (!held || isLate) throw error;
    }
    await pause(POLL_MS);
  }
}

/** Starts nothing. @returns nothing where there is no queen, and none was named */
export const attachIfServed = (attaching: Attaching): Promise<Attached | undefined> => attachNamedOrHolder(attaching);

/** Starts nothing: without a queen it is `queen.unreachable`. */
export async function attach(attaching: Attaching): Promise<Attached> {
  const found = await attachNamedOrHolder(attaching);
  if (found !== undefined) return found;
  const { home } = attaching.loaded.paths;
  throw new RbeeError("queen.unreachable", `no node holds ${home}, and RBEE_QUEEN names none`);
}

/** The queen that a command asks: by its `--queen`, where it has one, or of the node that runs. */
export async function queenOf({ options, env, cwd, interruption, output }: Run): Promise<Client> {
  const loaded = loadConfig({ flags: {}, env, cwd });
  return (await attach({ loaded, env, interruption, say: output.say, queen: options.text("--queen") })).client;
}

async function daemonComes(home: string): Promise<boolean> {
  const { livingDaemon } = await import("../daemon/note.ts");
  const state = livingDaemon(home)?.state;
  return state === "serving" || state === "restarting";
}

async function attachNamedOrHolder({ loaded, env, queen }: Attaching): Promise<Attached | undefined> {
  const named = queen ?? env["RBEE_QUEEN"];
  if (named) {
    const url = queenUrl(named, queen !== undefined);
    const token = secretOf(env, "RBEE_TOKEN") || undefined;
    if (url.protocol === "http:") return attached("named", { url, token });
    const { authoritiesFor } = await import("../client/authorities.ts");
    return attached("named", { url, token, authorities: await authoritiesFor(url, env, loaded.paths.home) });
  }
  const { readHolder } = await import("../../hosts/real/home-lock.ts");
  const holder = readHolder(loaded.paths.home);
  if (holder !== undefined) return attached("holder", { socketPath: holder.socketPath });
  const { readMembership } = await import("../../hosts/cluster/membership.ts");
  const member = readMembership(loaded.paths.home);
  if (member === undefined) return undefined;
  const { url, authority, key, certificate: cert } = member;
  return attached("cluster", { url: new URL(url), token: undefined, authorities: [authority], shown: { key, cert } });
}

const attached = (kind: Exclude<Attached["kind"], "embedded">, door: Door): Attached => ({
  client: openClient(door),
  kind,
  socketPath: "socketPath" in door ? door.socketPath : undefined,
  close: () => Promise.resolve(),
});

function queenUrl(text: string, isFlag: boolean): URL {
  const url = URL.parse(text);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  const wrong = `expected a URL such as http://127.0.0.1:8080, found ${JSON.stringify(text)}`;
  if (isFlag) return refuse(`--queen: ${wrong}`);
  throw new RbeeError("config.invalid", `RBEE_QUEEN: ${wrong}`);
}

async function embed({ loaded, interruption, cold = false, say }: Attaching): Promise<Attached> {
  const { startNode } = await import("../../hosts/node.ts");
  const node = await startNode({ config: loaded.config, paths: loaded.paths, cold, log: say });
  const hurry = new AbortController();
  interruption.onAgain(() => {
    hurry.abort();
    node.stopNow();
  });
  return {
    client: openClient({ socketPath: node.socketPath }),
    kind: "embedded",
    socketPath: node.socketPath,
    close: async () => {
      await othersLeft(node, AbortSignal.any([interruption.signal, hurry.signal]), say);
      await node.stop();
      await node.ended;
    },
  };
}

async function othersLeft(node: RunningNode, hurried: AbortSignal, say: (line: string) => void): Promise<void> {
  const others = node.attachedClients();
  if (others === 0 || hurried.aborted) return;
  say(`Others still use this node (${others} attached). It ends when they have left; Ctrl-C ends it now.`);
  while (node.attachedClients() > 0 && !hurried.aborted) await pause(POLL_MS);
}
