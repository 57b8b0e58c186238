/**
 * Goal: from one machine another becomes part of the cluster with nothing on it but sshd, works, and is left as it was.
 * Method: the real program over a real sshd, all of it sent; the far side is this machine with a home of its own. What
 *         the kernel, the disk and the queen say is looked at, and not only what the program says.
 *
 * @see src/cli/commands/setup.ts, ST2 ST3; src/cli/setup: letting-in.ts, LI1; far-program.ts, FP1 FP2 FP3;
 *      far-hive.ts, HV1 HV2; remains.ts, RM2; reach.ts, RC1
 */
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeCalled, registeredNodes } from "../../src/cli/setup/node-registry.ts";
import { tokensView } from "../../src/protocol/cluster-api.ts";
import { processesWith, waitUntil } from "../support/children.ts";
import { homeEnvironment, keeper, type Keeper } from "../support/keeper.ts";
import { needs } from "../support/needs.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { SshServer } from "../support/ssh-server.ts";
import { terminal } from "../support/tmux.ts";

const WITHIN_MS = 60_000;
/** 250 MB are sent and tried. */
const WHOLE = { ...needs("sshd", "ssh"), timeout: 400_000 };

class Stage {
  readonly server: SshServer;
  readonly queen: TestNode;

  constructor(server: SshServer, queen: TestNode) {
    this.server = server;
    this.queen = queen;
  }

  begin(line: string): Keeper {
    return keeper(line.split(" "), { home: this.queen.home, env: { HOME: this.server.clientHome, SSH_AUTH_SOCK: "" } });
  }

  async done(line: string): Promise<string> {
    const ran = this.begin(line);
    expect(await ran.exitCode, ran.stderr + ran.stdout).toBe(0);
    return ran.stdout;
  }

  async refused(line: string): Promise<string> {
    const ran = this.begin(line);
    expect(await ran.exitCode).toBe(4);
    return ran.stderr;
  }

  /** What both machines' lists of processes show now. */
  shown(): readonly string[] {
    const { home, clientHome } = this.server;
    return [home, clientHome].flatMap((path) => processesWith("HOME", path)).map(argumentsOf);
  }

  async idleAt(isThere: boolean): Promise<{ id: string; pid: number } | undefined> {
    const hives = (await this.queen.status()).hives.filter(({ name }) => (name === "attic") === isThere);
    return hives.flatMap(({ workers }) => workers).find(({ state }) => state === "idle");
  }
}

/** LI1, FP2. */
async function installed(stage: Stage): Promise<void> {
  const installing = stage.begin("setup install --node attic");
  let over = false;
  void installing.exitCode.then(() => (over = true));
  const tokens: string[] = [];
  await waitUntil(() => {
    tokens.push(...stage.shown().filter((words) => words.includes("rbj1_")));
    return over;
  }, 300_000);
  expect(await installing.exitCode, installing.stderr).toBe(0);
  expect(tokens).toEqual([]);
  const { tokens: made } = tokensView.parse((await stage.queen.call("GET", "/v2/tokens")).json());
  expect(made).toMatchObject([{ state: "spent", spentBy: "attic" }]);
}

/** FP1, ST2. */
function expectOneFolder({ server, queen }: Stage): void {
  // Also what Node compiles for itself lies in there.
  expect(readdirSync(server.home)).toEqual([".local"]);
  expect(readdirSync(join(server.home, ".local/share"))).toEqual(["rbee-hive"]);
  const build = readlinkSync(join(server.root, "current"));
  expect(readdirSync(server.root).toSorted()).toEqual([build, "cache", "current", "home"].toSorted());
  const there = readdirSync(join(server.root, build));
  expect(there).toEqual(expect.arrayContaining(["bin", "node", "node_modules", "src"]));
  expect(existsSync(join(server.root, build, "node_modules", "vitest"))).toBe(false);
  const known = nodeCalled(queen.home, "attic").installed;
  expect(known).toMatchObject({ build, root: server.root, backends: expect.arrayContaining(["cpu"]) });
}

/** The one over there is the only one. */
async function workerThere(stage: Stage): Promise<{ id: string; pid: number }> {
  const { queen } = stage;
  const idleAt = (isThere: boolean) => stage.idleAt(isThere);
  await queen.call("POST", "/v1/workers/spawn", { model: "starter" });
  await waitUntil(async () => (await idleAt(true)) !== undefined && (await idleAt(false)) !== undefined, WITHIN_MS);
  await queen.call("POST", "/v1/workers/stop", { worker: (await idleAt(false))?.id });
  await waitUntil(async () => (await queen.workers()).length === 1, WITHIN_MS);
  const found = await idleAt(true);
  if (found === undefined) throw new Error("there is no worker over there");
  return found;
}

test(
  "a machine is added, installed, started, works, is stopped, and removed; nothing of it is left",
  WHOLE,
  async () => {
    const stage = new Stage(await SshServer.started(), await startNode({ warm: true }));
    const { server, queen } = stage;
    await stage.done("setup add-node --name attic --ssh-host far");
    expect(await stage.refused("setup add-node --name attic --ssh-host far")).toContain("setup.node.taken");
    expect(await stage.refused("hive start --node attic")).toContain("setup.not.installed");
    await installed(stage);
    expectOneFolder(stage);
    expect(await stage.refused("setup install --node attic")).toContain("setup.installed");

    await stage.done("hive start --node attic");
    const worker = await workerThere(stage);
    expect(server.living()).toContain(worker.pid);
    const told = await stage.done("infer --prompt hello --max-tokens 6 --json");
    expect(JSON.parse(told.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({ type: "done", worker: worker.id });
    const status: unknown = JSON.parse(await stage.done("hive status --node attic --json"));
    expect(status).toMatchObject({ running: true, linked: true, state: "serving", backends: ["cpu"] });
    expect(stage.shown().some((words) => words.includes("--queen-gone\0end"))).toBe(true);
    pretendOtherBuild(queen.home);
    expect(await stage.refused("setup install --node attic")).toContain("setup.running");

    expect(await stage.done("hive stop --node attic")).toContain("no process of it was found any more");
    expect(server.living()).toEqual([]);
    expect(await stage.begin("hive status --node attic").exitCode).toBe(3);
    expect(await stage.done("setup remove-node --node attic")).toContain("no process and no file");
    expect([existsSync(server.root), server.living(), registeredNodes(queen.home)]).toEqual([false, [], []]);
    expect(await stage.done("hive list")).toMatch(/attic +removed/);
  },
);

test(
  "RC1 a person at a terminal is shown the key of a host that was never met, and says yes or anything else",
  needs("sshd", "ssh", "tmux"),
  async () => {
    const server = await SshServer.started();
    server.configure({ known: false });
    const home = join(server.folder, "keeper");
    const env = { ...homeEnvironment(home), HOME: server.clientHome, SSH_AUTH_SOCK: "" };
    const add = ["setup", "add-node", "--name", "attic", "--ssh-host", "far"];
    const unsure = terminal(add, env);
    expect((await unsure.shows("(yes/no)")).replaceAll("\n", "")).toContain(server.fingerprint());
    unsure.type("y");
    unsure.press("Enter");
    await unsure.shows("exit 4");
    expect(registeredNodes(home)).toEqual([]);
    const leaving = terminal(add, env);
    await leaving.shows("(yes/no)");
    leaving.press("C-d");
    await leaving.shows("exit 4");
    expect(registeredNodes(home)).toEqual([]);
    const sure = terminal(add, env);
    await sure.shows("(yes/no)");
    sure.type("yes");
    sure.press("Enter");
    await sure.shows("exit 0");
    expect(registeredNodes(home)).toMatchObject([{ name: "attic" }]);
  },
);

/** As if it had been installed from an older checkout. */
function pretendOtherBuild(home: string): void {
  const file = join(home, "cluster", "nodes.json");
  writeFileSync(file, readFileSync(file, "utf8").replace(/"build": "[^"]+"/, '"build": "0.0.1-older"'));
}

function argumentsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
