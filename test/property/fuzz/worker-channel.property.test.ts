/**
 * Goal: RM9 from the side of a worker: one that says garbage on its channel is ended, whoever waits for it is told, and
 *       the node lives on with its other work.
 * Method: the real program, whose workers are replaced by processes that say what stands in a file: bytes, frames of
 *       bytes, and messages that are nearly right.
 */
import { symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL, fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pack } from "../../../src/runtime/journal.ts";
import { waitUntil } from "../../support/children.ts";
import { GARBAGE_VARIABLE } from "../../support/garbage-preload.ts";
import { startNode } from "../../support/node-harness.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { anyValue, msgpackBytes } from "./hostile.ts";
import { peakMebibytesOf } from "./limits.ts";

const SEED = process.env["RBEE_SEED"];
const PRELOAD = pathToFileURL(fileURLToPath(new URL("../../support/garbage-preload.ts", import.meta.url))).href;
const ROUNDS = 20;
/** All of a node, with its two threads. */
const MEBIBYTES_MAX = 512;
const ENDED_WITHIN_MS = 4_000;

function framed(body: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(body.length);
  return Buffer.concat([header, body]);
}

const whole = (message: unknown): Buffer => framed(Buffer.concat([Buffer.from([0]), pack(message)]));

const odd = fc.oneof(
  anyValue,
  fc.constantFrom(null, -1, "queen", [], {}, [{}], [{ kind: "mail" }], [{ kind: "ack", n: 9 }]),
);
/** Of the words that workers use, with anything behind them. */
const nearMessage = fc.record(
  {
    kind: fc.constantFrom("hello", "frames", "chunk", "progress", "beat", "other"),
    to: fc.oneof(fc.constantFrom("queen", "hive", "porter", "nobody"), odd),
    frames: odd,
    chunk: fc.oneof(
      odd,
      fc.record({ job: odd, attempt: odd, index: odd, kind: odd, text: odd, tokens: odd, bytes: odd }),
    ),
    fraction: odd,
  },
  { requiredKeys: ["kind"] },
);
const conversation = fc.array(fc.oneof({ weight: 5, arbitrary: nearMessage }, { weight: 1, arbitrary: msgpackBytes }), {
  minLength: 1,
  maxLength: 3,
});
const bytesOf = (messages: readonly unknown[]): Buffer =>
  Buffer.concat(
    messages.map((one) => (one instanceof Buffer ? framed(Buffer.concat([Buffer.from([0]), one])) : whole(one))),
  );

/** A node, and a way to start a worker that says this. */
async function nodeWithGarbage() {
  const folder = temporaryFolder();
  const file = join(folder, "garbage");
  let spawns = 0;
  writeFileSync(file, "\0");
  const env = { NODE_OPTIONS: `--import=${PRELOAD}`, [GARBAGE_VARIABLE]: file, RBEE_JOB_ATTEMPTS_MAX: "1" };
  const node = await startNode({ env });
  const workerThatSays = async (said: Uint8Array, stays: boolean): Promise<string> => {
    writeFileSync(file, Buffer.concat([Buffer.from([stays ? 1 : 0]), said]));
    // Each a model of its own: one whose workers die again and again is left alone.
    spawns += 1;
    const model = join(folder, `m${spawns}.gguf`);
    symlinkSync(resolve("models/starter.gguf"), model);
    const spawned = await node.call("POST", "/v1/workers/spawn", { model: `file:${model}` });
    expect(spawned.status, spawned.text).toBe(202);
    return (spawned.json() as { worker: string }).worker;
  };
  const untilGone = async (worker: string, deadlineMs: number): Promise<void> => {
    await waitUntil(async () => node.isOver || (await node.workers()).every(({ id }) => id !== worker), deadlineMs);
    expect(node.isOver, `the node has ended: ${node.stderr}`).toBe(false);
  };
  return { node, workerThatSays, untilGone };
}

describe("a worker that says garbage", () => {
  test("RM9 is ended at once when it is no frame or no message, and its job is told", async () => {
    const { node, workerThatSays, untilGone } = await nodeWithGarbage();
    const bad = [
      "no frame at all",
      framed(Buffer.from([7])),
      framed(Buffer.from([0, 0xc1])),
      whole(1),
      whole({ kin: 1 }),
    ];
    for (const said of bad) await untilGone(await workerThatSays(Buffer.from(said), true), ENDED_WITHIN_MS);
    const told = await node.run({ prompt: "What is a hive?", max_tokens: 3 });
    expect(told.at(-1)).toMatchObject({
      type: "error",
      code: expect.stringMatching(/^(worker\.lost|frame\.invalid)$/),
    });
  });

  test(`RM9 whatever it says, the node and its threads live (seed ${SEED})`, async () => {
    const { node, workerThatSays, untilGone } = await nodeWithGarbage();
    await fc.assert(
      fc.asyncProperty(conversation, async (messages) => {
        await untilGone(await workerThatSays(bytesOf(messages), false), 20_000);
        expect(node.stderr, "a thread of the node broke").not.toContain("its thread ended");
      }),
      { numRuns: ROUNDS, endOnFailure: true },
    );
    expect((await node.status()).queen.state).toBe("serving");
    expect(peakMebibytesOf(node.pid)).toBeLessThan(MEBIBYTES_MAX);
  }, 120_000);
});
