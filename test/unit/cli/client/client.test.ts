/**
 * Goal: DR1 of door.ts, S1-S2 of task-stream.ts, AN1-AN2 of answer.ts.
 * Method: a real HTTP server on loopback that follows a script, breaks included.
 */
import { describe, expect, test } from "vitest";
import { answer } from "../../../../src/cli/session/answer.ts";
import { openClient, type Client } from "../../../../src/cli/client/client.ts";
import { errorData, RbeeError } from "../../../../src/protocol/errors.ts";
import { stopwatch } from "../../../support/children.ts";
import { scriptedQueen } from "../../../support/scripted-queen.ts";

const clientOf = (url: string, token?: string): Client => openClient({ url: new URL(url), token });
const never = new AbortController().signal;
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "none",
    (error: unknown) => errorData(error).code,
  );

async function told(client: Client, prompt: string, signal = never): Promise<string[]> {
  const tokens: string[] = [];
  await answer(client, { prompt }, signal, async (event) => {
    if (event.type === "token") tokens.push(event.token);
  });
  return tokens;
}

describe("the client of the HTTP API", () => {
  test("S1 a connection that breaks in the middle costs no token and doubles none", async () => {
    const queen = await scriptedQueen();
    expect(await told(clientOf(queen.url), "say a, say b, break, say c, say d")).toEqual(["a", "b", "c", "d"]);
    expect(queen.headers.at(-1)?.["last-event-id"]).toBe("1");
    expect(await told(clientOf(queen.url), "say a, say b, rewind, say c")).toEqual(["a", "b", "c"]);
  });

  test("AN2 a failure in the stream is thrown with its code, after what was said", async () => {
    const queen = await scriptedQueen();
    expect(await codeOf(told(clientOf(queen.url), "say a, fail worker.lost"))).toBe("worker.lost");
    expect(await codeOf(told(clientOf(queen.url), "fail some.later.code"))).toBe("defect");
  });

  test("DR1 a refusal keeps its code, and nobody there is queen.unreachable", async () => {
    const queen = await scriptedQueen();
    expect(await codeOf(told(clientOf(queen.url), "refuse queue.full 429"))).toBe("queue.full");
    expect(await codeOf(told(clientOf("http://127.0.0.1:1"), "say a"))).toBe("queen.unreachable");
    expect(await codeOf(openClient({ socketPath: "/nowhere/at/all.sock" }).status())).toBe("queen.unreachable");
  });

  test("the key goes with every request to a URL", async () => {
    const queen = await scriptedQueen();
    await told(clientOf(queen.url, "k-123"), "say a");
    expect(queen.headers.map(({ authorization }) => authorization)).toEqual(["Bearer k-123", "Bearer k-123"]);
  });

  test("AN1 an answer nobody wants any more is cancelled within 200 ms, and its words stay", async () => {
    const queen = await scriptedQueen();
    const stop = new AbortController();
    const said: string[] = [];
    let sinceStopMs = stopwatch();
    const ended = answer(clientOf(queen.url), { prompt: "say a, forever" }, stop.signal, async (event) => {
      if (event.type !== "token") return;
      said.push(event.token);
      sinceStopMs = stopwatch();
      stop.abort(new RbeeError("interrupted", "enough"));
    });
    expect(await codeOf(ended)).toBe("interrupted");
    expect(sinceStopMs()).toBeLessThan(200);
    expect(said).toEqual(["a"]);
    expect(queen.cancelled).toEqual(["j1"]);
  });

  test("AN1 even a queen that does not answer the submission holds nobody back for long", async () => {
    const queen = await scriptedQueen();
    const elapsedMs = stopwatch();
    expect(await codeOf(told(clientOf(queen.url), "hang", AbortSignal.timeout(50)))).not.toBe("none");
    expect(elapsedMs()).toBeLessThan(2_000);
  });

  test("status and workers come through the schemas", async () => {
    const client = clientOf((await scriptedQueen()).url);
    expect((await client.status()).queen.epoch).toBe(3);
    expect((await client.workers()).map(({ id }) => id)).toEqual(["w-1"]);
    expect(await client.spawnWorker("starter")).toEqual({ worker: "w-2", state: "loading" });
  });
});
