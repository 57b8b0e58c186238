/**
 * `rbee setup add-node|install|list-nodes|remove-node`: other machines, over SSH, from this one.
 *
 *  ST1 A machine is in the registry when it could be reached and its key is known, and not before.
 *  ST2 An installation is noted when the machine has joined and said what can run on it; one that broke off is begun
 *      again, and what is there already is not sent again.
 *  ST3 A machine leaves the registry when nothing of rbee was found on it any more, or when a person says to forget it.
 *  ST4 One that leaves is let into the cluster of the queen here no more; where none answers, that is said.
 *
 * @module
 */
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { SshConnection } from "../../net/ssh/connection.ts";
import { sshPlace, type SshPlace } from "../../net/ssh/place.ts";
import { errorData, RbeeError } from "../../protocol/errors.ts";
import { RBEE_VERSION } from "../../protocol/version.ts";
import { findPaths } from "../../runtime/config/paths.ts";
import { NODE_NAME } from "../../runtime/config/settings.ts";
import { sizeText } from "../../runtime/config/units.ts";
import { queenOf } from "../session/attach.ts";
import type { Client } from "../client/client.ts";
import { tellFacts } from "../facts.ts";
import { type Options, refuse } from "../options.ts";
import type { Run, RunCommand } from "../run.ts";
import { checkFit, type FarMachine, ownNeeds, probe } from "../setup/far-machine.ts";
import { stopHive } from "../setup/far-hive.ts";
import { farRbee } from "../setup/far-program.ts";
import { putThere } from "../setup/install.ts";
import { checkReachable, letIn } from "../setup/letting-in.ts";
import {
  changeNodes,
  type Installation,
  nodeCalled,
  type RegisteredNode,
  registeredNodes,
} from "../setup/node-registry.ts";
import { makeParcel, type Parcel } from "../setup/parcel.ts";
import { over } from "../setup/reach.ts";
import { deleteAll, remainsOf } from "../setup/remains.ts";
import { sentLine } from "../setup/sent-line.ts";
import { table } from "../terminal/table.ts";

const ROOT = fileURLToPath(
  new URL(import.meta.filename.endsWith(".ts") ? "../../../" : "../../../../", import.meta.url),
);

/** ST1. */
export const addNode: RunCommand = async (run) => {
  const { home } = findPaths(run.env, run.cwd);
  const name = run.options.required("--name");
  if (!NODE_NAME.test(name)) refuse("--name takes at most 63 letters, digits, dots, dashes and underscores");
  const ssh = placeIn(run.options, run.cwd);
  checkNew(registeredNodes(home), name);
  const machine = await over(run, ssh, probe);
  const node: RegisteredNode = { name, ssh, addedAt: new Date().toISOString(), installed: null };
  await changeNodes(home, (nodes) => [...checkNew(nodes, name), node]);
  const { system, processor, libc = "" } = machine;
  const what = `${name} is ${placeText(ssh)}: ${system} ${processor} ${libc}`;
  const text = `${what}. \`rbee setup install --node ${name}\` is next.\n`;
  return tellFacts(run, { node, machine: { system, processor, libc } }, text);
};

/** ST2. */
export const install: RunCommand = async (run) => {
  const { home } = findPaths(run.env, run.cwd);
  const node = nodeCalled(home, run.options.required("--node"));
  const client = await queenOf(run);
  const installed = await over(run, node.ssh, (far) => installOver(run, { far, node, client }));
  const withIt = (each: RegisteredNode): RegisteredNode => (each.name === node.name ? { ...each, installed } : each);
  await changeNodes(home, (nodes) => nodes.map(withIt));
  const what = `rbee ${installed.version} (${installed.backends.join(", ")}) is on ${node.name} and has joined`;
  return tellFacts(
    run,
    { node: node.name, installed },
    `${what}. \`rbee hive start --node ${node.name}\` starts it.\n`,
  );
};

interface Installing {
  readonly far: SshConnection;
  readonly node: RegisteredNode;
  readonly client: Client;
}

async function installOver(run: Run, { far, node, client }: Installing): Promise<Installation> {
  const machine = await probe(far);
  checkFit(machine, ownNeeds());
  checkReachable((await client.status(run.interruption.signal)).queen.url, machine);
  const { root } = machine;
  const parcel = makeParcel(ROOT, machine);
  const { build, bytes } = parcel;
  const isThere = machine.current === build;
  if (isThere && machine.isMember && node.installed?.build === build) {
    throw new RbeeError("setup.installed", `rbee ${build} is on ${node.name} already`);
  }
  const { pids } = await remainsOf(far, root);
  if (pids.length > 0) throw new RbeeError("setup.running", `rbee runs on ${node.name} (processes ${pids.join(", ")})`);
  if (!isThere) await sendThere(far, { machine, parcel, name: node.name });
  await letIn(far, client, machine, node.name);
  const backends = await backendsThere(far, root);
  return { build, version: RBEE_VERSION, at: new Date().toISOString(), root, bytes, backends };
}

interface Sent {
  readonly machine: FarMachine;
  readonly parcel: Parcel;
  readonly name: string;
}

async function sendThere(far: SshConnection, { machine, parcel, name }: Sent): Promise<void> {
  const line = sentLine(name, parcel.bytes);
  try {
    await putThere(far, { machine, parcel, sent: line.sent });
  } finally {
    line.clear();
  }
}

const detectedShape = z.object({
  backends: z.array(z.object({ kind: z.string().max(50), usable: z.boolean() })).max(20),
});

/** Also the proof that the program runs there, and its engine. */
async function backendsThere(far: SshConnection, root: string): Promise<string[]> {
  const { backends } = await farRbee(far, { root, args: ["hive", "detect"], shape: detectedShape });
  return backends.filter(({ usable }) => usable).map(({ kind }) => kind);
}

export const listNodes: RunCommand = async (run) => {
  const nodes = registeredNodes(findPaths(run.env, run.cwd).home);
  return tellFacts(run, { nodes }, nodes.length === 0 ? "no nodes\n" : nodesText(nodes));
};

const nodesText = (nodes: readonly RegisteredNode[]): string =>
  table([
    ["NODE", "SSH", "ADDED", "INSTALLED", "BACKENDS"],
    ...nodes.map(({ name, ssh, addedAt, installed }) => [
      name,
      placeText(ssh),
      addedAt.slice(0, 10),
      installed?.build ?? "-",
      installed?.backends.join(", ") ?? "-",
    ]),
  ]);

/** ST3. */
export const removeNode: RunCommand = async (run) => {
  const { home } = findPaths(run.env, run.cwd);
  const { name, ssh, installed } = nodeCalled(home, run.options.required("--node"));
  const forgotten = run.options.on("--forget");
  const how = forgotten ? "forgotten" : await over(run, ssh, removeAll);
  const barred = installed === null ? false : await bar(run, name);
  await changeNodes(home, (nodes) => nodes.filter((node) => node.name !== name));
  const freed = installed === null || forgotten ? "" : `, ${sizeText(installed.bytes)} and its models are free there`;
  const text = forgotten
    ? `${name} is forgotten here; what is on it was not looked at\n`
    : `${name} is removed: no process and no file of rbee was found on it any more${freed}\n`;
  return tellFacts(run, { node: name, how, left: forgotten ? null : [], barred }, text);
};

/** ST4. @returns whether it was in the cluster, and is no more; null where no queen answers */
async function bar(run: Run, name: string): Promise<boolean | null> {
  try {
    await (await queenOf(run)).removeMachine(name);
    return true;
  } catch (thrown) {
    run.interruption.signal.throwIfAborted();
    const { code, message } = errorData(thrown);
    if (code === "request.not.found") return false;
    run.output.say(`${message}: \`rbee hive remove ${name}\` takes it out of the cluster when a queen is there`);
    return null;
  }
}

async function removeAll(far: SshConnection): Promise<string> {
  const { root } = await probe(far);
  const how = await stopHive(far, root);
  await deleteAll(far, root);
  return how;
}

/** @throws RbeeError usage.invalid, ssh.key.invalid */
function placeIn(options: Options, cwd: string): SshPlace {
  const keyFile = options.text("--ssh-key");
  const { data, error } = sshPlace.safeParse({
    host: options.required("--ssh-host"),
    port: options.number("--ssh-port"),
    user: options.text("--ssh-user"),
    keyFile: keyFile === undefined ? undefined : path.resolve(cwd, keyFile),
  });
  if (data === undefined) {
    const [issue] = error.issues;
    const field = issue?.path[0] === "keyFile" ? "key" : String(issue?.path[0]);
    return refuse(`--ssh-${field}: ${issue?.message}`);
  }
  if (data.keyFile !== undefined) checkKeyFile(data.keyFile);
  return data;
}

function checkKeyFile(file: string): void {
  try {
    accessSync(file, constants.R_OK);
    if (statSync(file).isFile()) return;
  } catch {
    // Said below.
  }
  throw new RbeeError("ssh.key.invalid", `${file} is no file that can be read`);
}

function checkNew(nodes: readonly RegisteredNode[], name: string): readonly RegisteredNode[] {
  const taken = nodes.find((node) => node.name === name);
  if (taken === undefined) return nodes;
  throw new RbeeError("setup.node.taken", `there is a node ${name} already, ${placeText(taken.ssh)}`, { name });
}

const placeText = ({ host, port, user }: SshPlace): string =>
  `${user === undefined ? "" : `${user}@`}${host}${port === undefined ? "" : `:${port}`}`;
