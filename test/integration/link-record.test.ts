/**
 * Goal: what two machines say to each other over their link is recorded, so that later versions can be held to it.
 * Method: two real nodes that are listened to while all is done that one can be asked to do. `RBEE_RECORD_LINK=1 npx
 * vitest run test/integration/link-record.test.ts` writes the record anew; see test/recorded/README.md.
 *
 * @see test/unit/net/link/recorded.test.ts, which replays the record
 */
import { readFileSync } from "node:fs";
import { hostname, cpus } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { VERSIONS } from "../../src/net/link/hello.ts";
import { waitUntil } from "../support/children.ts";
import { startHub } from "../support/hub.ts";
import { keeper } from "../support/keeper.ts";
import { tapped } from "../support/link-tap-preload.ts";
import { type LinkRecord, samplesOf, saidIn, writeRecord } from "../support/record-link.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";
import { startMember, twoMachines } from "../support/two-machines.ts";

const WITHIN_MS = 60_000;
const LONG_MS = 240_000;
const VERSION = VERSIONS.max;
const RECORDED = new URL("../recorded/", import.meta.url);
const REPO = "bees/tiny-GGUF";
const MODEL = `hf:${REPO}/tiny-Q8_0.gguf`;

/** Said or not as the memory of this machine is. */
const SOMETIMES = ["mail queen worker.weighed"];

/** Of this machine nothing is kept. */
const hide = (text: string): string =>
  text
    .replaceAll(process.cwd(), "/opt/rbee")
    .replaceAll(/\/\S*\/rbee-[a-z]+-\w{6}/g, "/home/bee")
    .replaceAll(hostname(), "beta.example")
    .replaceAll(cpus()[0]?.model ?? "?", "a processor");

/** Everything that one machine has another do, at least once. */
async function conversation(queens: string, members: string): Promise<void> {
  const hub = await startHub();
  hub.put(REPO, "tiny-Q8_0.gguf", readFileSync(randomModel()));
  const { queen, beta, home } = await twoMachines({
    queen: { env: { ...hub.env, ...tapped(queens) } },
    member: { env: { ...hub.env, ...tapped(members) } },
  });
  const workers = async () => (await queen.hive("beta"))?.workers ?? [];
  const told = async (code: number, ...args: readonly string[]): Promise<void> => {
    const run = keeper(args, { home: queen.home });
    expect([args, await run.exitCode]).toEqual([args, code]);
  };
  await waitUntil(async () => (await queen.hive("beta"))?.state === "serving", WITHIN_MS);
  await told(0, "infer", "--model", "starter", "--node", "beta", "--prompt", "hello", "--max-tokens", "64");
  await told(0, "model", "download", MODEL, "--node", "beta");
  await told(0, "model", "download", MODEL);
  await told(0, "model", "list");
  await told(0, "model", "info", MODEL, "--node", "beta");
  await told(0, "model", "remove", MODEL, "--node", "beta");
  await told(1, "model", "remove", MODEL, "--node", "beta");
  await told(0, "hive", "status", "--node", "beta");
  await told(0, "hive", "detect", "--node", "beta");
  const model = `file:${randomModel({ endless: true })}`;
  const { job_id } = await queen.submit({ prompt: "Once", max_tokens: 4_000, model, node: "beta" });
  await waitUntil(async () => (await workers()).some(({ state }) => state === "busy"), WITHIN_MS);
  const [{ id } = { id: "" }] = await workers();
  await told(0, "worker", "health");
  await told(0, "worker", "logs", id);
  await queen.call("DELETE", `/v2/tasks/${job_id}`);
  await waitUntil(async () => (await workers()).every(({ state }) => state === "idle"), WITHIN_MS);
  await told(0, "worker", "stop", id);
  await waitUntil(async () => (await workers()).every((worker) => worker.id !== id), WITHIN_MS);
  await beta.stop();
  await startMember(home, { env: tapped(members) });
  await waitUntil(async () => (await queen.hive("beta"))?.state === "serving", WITHIN_MS);
  await queen.stop();
}

test(
  "RC6 what is recorded of a version is what two machines of it say",
  async () => {
    const folder = temporaryFolder();
    const [queens, members] = [join(folder, "queen"), join(folder, "member")];
    await conversation(queens, members);
    const [queen, member] = [saidIn(queens), saidIn(members)];
    const samples = samplesOf([...queen.messages, ...member.messages]);
    if (process.env["RBEE_RECORD_LINK"] === "1") {
      writeRecord(RECORDED, { version: VERSION, hello: member.hello, samples }, hide);
    }
    const { messages } = JSON.parse(readFileSync(new URL(`link-${VERSION}.json`, RECORDED), "utf8")) as LinkRecord;
    const known = new Set([...messages.map(({ name }) => name), ...SOMETIMES]);
    // What machines decide by, and what they ask of each other. What an answer says differs from run to run.
    const said = samples.map(({ name }) => name).filter((name) => /^(mail|note question) /.test(name));
    expect(said.filter((name) => !known.has(name))).toEqual([]);
  },
  LONG_MS,
);
