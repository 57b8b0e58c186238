/**
 * Goal: whoever waits for the fetcher's thread hears how it goes, and of the thread's own end.
 * Method: the real port with its real thread, and a hub on loopback.
 *
 * @see src/hosts/models/models.ts, MO1 MO2
 * @module
 */
import { describe, expect, test } from "vitest";
import type { ModelsAsk } from "../../src/protocol/ports.ts";
import { type DownloadProgress, Models } from "../../src/hosts/models/models.ts";
import type { AskResult } from "../../src/runtime/envelope.ts";
import { startHub, type TestHub } from "../support/hub.ts";
import { temporaryFolder } from "../support/temporary.ts";

const NOBODY = { socketPath: "/nowhere" };
const MODEL = "hf:o/r/f-Q8_0.gguf";
const PLAN = { name: MODEL, files: [{ path: "f-Q8_0.gguf", bytes: 500_000, sha256: undefined }] };

async function portOf(hub: TestHub) {
  const heard: DownloadProgress[] = [];
  const models = new Models({
    folder: temporaryFolder(),
    env: hub.env,
    neighbours: NOBODY,
    bytesPerSecond: Infinity,
    heard: (progress) => void heard.push(progress),
  });
  let asked = 0;
  const ask = (event: ModelsAsk): Promise<AskResult> =>
    new Promise((resolve) => {
      asked += 1;
      models.ask({ id: `ask-${asked}`, from: "hive/download/m", event, deadlineMs: Infinity }, resolve);
    });
  return { models, ask, heard };
}

describe("the port of models", () => {
  test("MO1 tells whoever waits that its thread has ended, once; and takes nothing more when it is closed", async () => {
    const hub = await startHub();
    hub.put("o/r", "f-Q8_0.gguf", Buffer.alloc(500_000));
    hub.bytesPerSecond = 50_000;
    const { models, ask } = await portOf(hub);
    const began = Promise.withResolvers<void>();
    models.listen(({ presentBytes }) => presentBytes > 0 && began.resolve());
    const fetching = ask({ type: "fetch", model: MODEL, plan: PLAN });
    await began.promise;
    await models.close();
    const ended = { ok: false, error: { code: "host.restarted" } };
    expect(await fetching).toMatchObject(ended);
    expect(await ask({ type: "resolve", model: MODEL })).toMatchObject(ended);
  });

  test("MO2 tells of the pause before the next try, and why", async () => {
    const hub = await startHub();
    hub.listFault = { status: 503 };
    const { models, ask, heard } = await portOf(hub);
    expect(await ask({ type: "resolve", model: MODEL })).toMatchObject({
      ok: false,
      error: { code: "hub.unreachable" },
    });
    expect(heard.map(({ step, trouble }) => [step, trouble?.code])).toEqual([
      ["resolving", undefined],
      ["waiting", "hub.unreachable"],
    ]);
    expect(models.progressOf(MODEL)).toMatchObject({ step: "waiting" });
    await models.close();
  });

  test("config.invalid: HF_ENDPOINT that is no address of the web is refused when the node starts", () => {
    for (const HF_ENDPOINT of ["hub.example", "ftp://hub.example", "https://me:word@hub.example"]) {
      const made = (): Models =>
        new Models({
          folder: "/nowhere",
          env: { HF_ENDPOINT },
          neighbours: NOBODY,
          bytesPerSecond: Infinity,
          heard: () => {},
        });
      expect(made, HF_ENDPOINT).toThrow(expect.objectContaining({ code: "config.invalid" }));
    }
  });
});
