/**
 * Goal: a worker runs alone, without hive or queen, with every endpoint of its door (row R10).
 * Method: the real program as a process, a random model and the starter, HTTP from outside.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer as createTcp } from "node:net";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { documentOf } from "../../src/doors/openapi.ts";
import { ask, post } from "../support/http.ts";
import { workerDoorRoutes } from "../support/node-routes.ts";
import { randomModel } from "../support/tiny-models.ts";

interface Alone {
  readonly port: number;
  readonly child: ChildProcess;
  readonly said: () => string;
}

function start(args: readonly string[]): { child: ChildProcess; said: () => string } {
  const line = ["src/hosts/worker/worker.ts", ...args];
  const child = spawn(process.execPath, line, { stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr?.on("data", (bytes: Buffer) => (said += bytes.toString()));
  return { child, said: () => said };
}

async function serving(args: readonly string[]): Promise<Alone> {
  const { child, said } = start(args);
  while (!/serves http/.test(said())) await once(child.stderr ?? child, "data");
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(said())?.[1]);
  return { port, child, said };
}

const free = async (): Promise<number> => {
  const server = createTcp().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
};

test("a worker alone tells of its loading, answers with tokens, text and vectors, and ends when asked", async () => {
  const port = await free();
  await serving(["--model", "models/starter.gguf", "--port", String(port)]);
  const progress = await ask({ port, path: "/v1/loading/progress" });
  const last = progress.text.trim().split("\n\n").at(-1) ?? "";
  expect(JSON.parse(last.replace("data: ", ""))).toEqual({ fraction: 1, state: "idle" });

  const ready = await ask({ port, path: "/v1/ready" });
  expect(ready.status).toBe(200);
  expect(ready.json()).toMatchObject({ ready: true, state: "idle", slots: 4, busySlots: 0 });

  const streamed = await post(port, "/v1/execute", { prompt: "What is a hive?" });
  const lines = streamed.text
    .trim()
    .split("\n\n")
    .map((event) => JSON.parse(event.slice(event.indexOf("{"))) as object);
  const tokens = lines.slice(0, -1) as { token: string; index: number }[];
  expect(tokens.map(({ index }) => index)).toEqual(tokens.map((_, at) => at));
  expect(lines.at(-1)).toMatchObject({ done: true, finish: "stop" });

  const whole = await post(port, "/v1/execute", { prompt: "What is a hive?", stream: false });
  expect(whole.json()).toMatchObject({ done: true, text: tokens.map(({ token }) => token).join("") });

  const vectors = await post(port, "/v1/execute", { input: ["a hive", "a queen"] });
  const { embeddings } = vectors.json() as { embeddings: number[][] };
  expect(embeddings).toHaveLength(2);
  expect(embeddings[0]).not.toEqual(embeddings[1]);
});

test("a run is cancelled by its job id, and the slot is free for the next", async () => {
  const port = await free();
  await serving(["--model", randomModel(), "--port", String(port), "--slots", "1"]);
  await ask({ port, path: "/v1/loading/progress" });
  const running = post(port, "/v1/execute", { prompt: "go on", max_tokens: 3000, job_id: "long", stream: false });
  while ((await post(port, "/v1/cancel", { job_id: "long" })).status === 404) {
    // Not begun yet.
  }
  expect((await running).json()).toMatchObject({ error: { code: "interrupted" } });
  const next = await post(port, "/v1/execute", { prompt: "again", max_tokens: 3, stream: false });
  expect(next.json()).toMatchObject({ done: true, finish: "length" });
});

test("asked to shut down it ends with exit code 0", async () => {
  const port = await free();
  const { child } = await serving(["--model", randomModel(), "--port", String(port)]);
  const exit = once(child, "exit");
  expect((await post(port, "/v1/admin/shutdown", {})).status).toBe(202);
  expect(await exit).toEqual([0, null]);
});

test("it describes its own door, ends on SIGTERM with 143, and takes the starter where no model is named", async () => {
  const { port, child } = await serving(["--port", "0"]);
  expect((await ask({ port, path: "/openapi.json" })).json()).toEqual(documentOf(workerDoorRoutes()));
  await ask({ port, path: "/v1/loading/progress" });
  expect((await ask({ port, path: "/v1/ready" })).json()).toMatchObject({
    model: expect.stringMatching(/starter\.gguf$/),
  });
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  expect(await exit).toEqual([143, null]);
});

test.each([["--modle"], ["--slots", "many"], ["--port", "65536"], ["--threads", "0"], ["--port="], ["word"]])(
  "usage.invalid: %s %s ends it with exit code 2 and a sentence",
  async (...args) => {
    const { child, said } = start(args);
    expect((await once(child, "close"))[0]).toBe(2);
    expect(said()).toMatch(/^worker: usage\.invalid: /);
  },
);

test("a model that is not there ends it with the code model.not.found", async () => {
  const { child, said } = start(["--model", "/no/such.gguf", "--port", String(await free())]);
  const [exitCode] = (await once(child, "exit")) as [number];
  expect(exitCode).toBe(1);
  expect(said()).toContain("model.not.found");
});

test("a port that was asked for and is taken ends it with port.taken and exit code 5", async () => {
  const taken = createTcp().listen(0, "127.0.0.1");
  await once(taken, "listening");
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { child, said } = start(["--model", randomModel(), "--port", String(port)]);
  const [exitCode] = (await once(child, "exit")) as [number];
  expect(exitCode).toBe(5);
  expect(said()).toContain("port.taken");
});
