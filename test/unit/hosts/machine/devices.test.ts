/**
 * Goal: what models can run on is told with its reason, and no driver that crashes or hangs costs more than a moment.
 * Method: the real engine on this machine's processor; programs that answer, crash, hang and babble in its place; a
 *         fake `nvidia-smi`, whose words are those of the real one, for the reading of them alone.
 *
 * @see src/hosts/machine/devices.ts, D1 to D6
 * @module
 */
import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Backend, detect, Devices, likelyKinds } from "../../../../src/hosts/machine/devices.ts";
import { nvidiaCards, readCards } from "../../../../src/hosts/machine/nvidia-smi.ts";
import { stopwatch } from "../../../support/children.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const env = { PATH: process.env["PATH"] ?? "" };
const NONE = { usable: false, why: "", names: [], totalBytes: 0, freeBytes: 0, sharedBytes: 0, cards: [] };
const gpu = (given: Partial<Backend>): Backend => ({ ...NONE, kind: "cuda", usable: true, ...given });

/** A program that is asked in place of the engine. */
function program(text: string): string {
  const path = join(temporaryFolder(), "probe.mjs");
  writeFileSync(path, `import { writeSync } from "node:fs";\n${text}`);
  return path;
}

const HANGS = "for (;;);";
const says = (found: object): string => `writeSync(3, ${JSON.stringify(JSON.stringify({ ...NONE, ...found }))});`;

describe("what a machine has", () => {
  test(
    "D1 the processor is usable wherever the engine is, and whatever is not has a reason",
    { timeout: 60_000 },
    async () => {
      const backends = await detect(env);
      expect(backends.map(({ kind }) => kind)).toEqual(["cuda", "metal", "vulkan", "cpu"]);
      expect(backends.at(-1)).toMatchObject({ kind: "cpu", usable: true, why: "" });
      for (const { usable, why } of backends) expect(why === "").toBe(usable);
    },
  );

  test.each([
    ["ends by a signal", "process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1000);", /signal SIGSEGV/],
    ["ends without an answer", "process.exit(3);", /exit code 3/],
    ["babbles", "writeSync(3, 'no device, I fear'); process.exit(0);", /exit code 0/],
    ["lies about the shape of things", "writeSync(3, '{\"usable\":1}'); process.exit(0);", /exit code 0/],
    ["hangs, with its loop blocked", HANGS, /did not answer within 500 ms/],
  ])("D1 a backend that %s is not usable, says so, and holds nobody up", async (_how, text, why) => {
    const elapsed = stopwatch();
    const patienceMs = text === HANGS ? 500 : 30_000;
    const [found] = await detect(env, { kinds: ["vulkan"], entry: program(text), patienceMs });
    expect(found).toMatchObject({ kind: "vulkan", usable: false, why: expect.stringMatching(why) });
    expect(elapsed()).toBeLessThan(10_000);
  });

  test("a device that is found is told by name, with its memory", async () => {
    const text = says({ usable: true, names: ["Arc", "Iris"], totalBytes: 8, freeBytes: 6 });
    const [found] = await detect(env, { kinds: ["vulkan"], entry: program(text) });
    expect(found).toMatchObject({ usable: true, cards: [{ name: "Arc + Iris", totalBytes: 8, freeBytes: 6 }] });
  });

  test("D6 a model in the memory beside a card leaves the card alone; where both share one, it uses it", async () => {
    const withBackend = async (...found: Backend[]): Promise<Devices> => {
      const devices = new Devices(() => Promise.resolve(found));
      await devices.refresh();
      return devices;
    };
    const beside = await withBackend(gpu({ totalBytes: 8 }));
    expect([beside.gpuFor("cpu"), beside.gpuFor("cuda")]).toEqual(["none", "auto"]);
    const shared = await withBackend(gpu({ kind: "metal", totalBytes: 8, sharedBytes: 8 }));
    expect(shared.gpuFor("cpu")).toBe("auto");
    expect((await withBackend()).gpuFor("cpu")).toBe("auto");
  });

  test("D5 a node asks only where the system shows a device", () => {
    const shows =
      (...paths: readonly string[]) =>
      (path: string) =>
        paths.includes(path);
    expect(likelyKinds("linux", () => false)).toEqual([]);
    expect(likelyKinds("linux", shows("/dev/dri"))).toEqual(["vulkan"]);
    expect(likelyKinds("linux", shows("/dev/nvidiactl"))).toEqual(["cuda", "vulkan"]);
    expect(likelyKinds("darwin", () => false)).toEqual(["metal"]);
  });
});

describe("where a model may go", () => {
  const known = async (...found: readonly Backend[]): Promise<Devices> => {
    const devices = new Devices(() => Promise.resolve(found));
    await devices.refresh();
    return devices;
  };

  test("D3 is the processor, and before it the first backend that is usable, all its cards as one", async () => {
    const devices = await known(
      gpu({ kind: "cuda", usable: false }),
      gpu({ kind: "vulkan", names: ["A", "B"], totalBytes: 9, freeBytes: 7 }),
    );
    expect(devices.list).toMatchObject([
      { id: "vulkan", kind: "vulkan", name: "A + B", totalBytes: 9, freeBytes: 7 },
      { id: "cpu", kind: "cpu" },
    ]);
    expect((await known()).list.map(({ id }) => id)).toEqual(["cpu"]);
  });

  test("D2 is no GPU that shares the machine's memory: that is given once", async () => {
    const devices = await known(gpu({ kind: "metal", totalBytes: 9, freeBytes: 7, sharedBytes: 9 }));
    expect(devices.list.map(({ id }) => id)).toEqual(["cpu"]);
  });

  test("D4 is asked for once by all who ask at a time, and again after a while", async () => {
    let asked = 0;
    let nowMs = 0;
    const answer = Promise.withResolvers<readonly Backend[]>();
    const devices = new Devices(
      () => {
        asked += 1;
        return answer.promise;
      },
      () => nowMs,
    );
    const both = [devices.refresh(), devices.refresh()];
    answer.resolve([gpu({ names: ["A"] })]);
    await Promise.all(both);
    expect([asked, devices.backends.length]).toEqual([1, 1]);
    nowMs = 59_000;
    await devices.refresh();
    expect(asked).toBe(1);
    nowMs = 61_000;
    await devices.refresh();
    expect(asked).toBe(2);
  });
});

describe("nvidia-smi", () => {
  const MIB = 2 ** 20;
  const TWO = "NVIDIA GeForce RTX 3090, 24576, 23012\nTesla T4, 15360, 15095\n";

  const fake = (script: string): void => {
    const folder = temporaryFolder();
    const path = join(folder, "nvidia-smi");
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    const before = process.env["PATH"];
    process.env["PATH"] = `${folder}${delimiter}${before}`;
    onTestFinished(() => void (process.env["PATH"] = before));
  };

  test("is read card by card, and a card whose memory it does not know is left out", () => {
    expect(readCards(`${TWO}NVIDIA GB10, [N/A], [N/A]\n`)).toEqual([
      { name: "NVIDIA GeForce RTX 3090", totalBytes: 24_576 * MIB, freeBytes: 23_012 * MIB },
      { name: "Tesla T4", totalBytes: 15_360 * MIB, freeBytes: 15_095 * MIB },
    ]);
    expect(readCards("No devices were found\n")).toEqual([]);
  });

  test("NS1 is asked for names and memory without heading and units", async () => {
    const asked = '"$*" = "--query-gpu=name,memory.total,memory.free --format=csv,noheader,nounits"';
    fake(`[ ${asked} ] && printf '${TWO.replaceAll("\n", "\\n")}'`);
    expect((await nvidiaCards()).map(({ name }) => name)).toEqual(["NVIDIA GeForce RTX 3090", "Tesla T4"]);
  });

  test("NS1 that fails says nothing", async () => {
    fake("echo 'NVIDIA-SMI has failed because it could not communicate with the driver' >&2; exit 9");
    expect(await nvidiaCards()).toEqual([]);
  });

  test("tells each card of a backend that the engine knows as a sum only", async () => {
    fake(`printf '${TWO.replaceAll("\n", "\\n")}'`);
    const text = says({ usable: true, names: ["3090", "T4"], totalBytes: 9, freeBytes: 8 });
    const [cuda] = await detect(env, { kinds: ["cuda"], entry: program(text) });
    expect(cuda?.cards.map(({ name }) => name)).toEqual(["NVIDIA GeForce RTX 3090", "Tesla T4"]);
  });
});
