/**
 * Goal: the processes port forgets nobody who may still live and remembers nobody who is gone (W1 to W7 of workers.ts).
 * Method: the port over simulated processes, on virtual time, and over real ones where forks take time; silence is
 *         measured in real time, as it is there.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Processes } from "../../../../src/actors/hive/processes.ts";
import type { FromWorker, ToWorker } from "../../../../src/actors/worker/channel.ts";
import { MessageLine, MessageReader } from "../../../../src/hosts/processes/message-line.ts";
import { realProcesses } from "../../../../src/hosts/real/processes.ts";
import { Workers } from "../../../../src/hosts/processes/workers.ts";
import type { ProcessesAsk } from "../../../../src/protocol/ports.ts";
import type { Condition } from "../../../../src/protocol/worker.ts";
import type { AskResult } from "../../../../src/runtime/envelope.ts";
import { SimClock } from "../../../simulation/sim-clock.ts";
import type { SimIo, SimProgram } from "../../../simulation/sim-process.ts";
import { SimProcesses } from "../../../simulation/sim-processes.ts";
import { waitUntil } from "../../../support/children.ts";
import { Prng } from "../../../support/prng.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const ENTRY = fileURLToPath(new URL("../../../../src/hosts/worker/worker.ts", import.meta.url));

/** Says hello and then nothing. */
const quiet: SimProgram = {
  start(io: SimIo) {
    const say = new MessageLine((frame) => {
      io.send(Buffer.from(frame));
      return "sent";
    });
    say.send({ kind: "hello" });
  },
};

const CONDITION: Condition = {
  state: "idle",
  sickness: undefined,
  proof: { by: "probe", agoMs: 1, probe: { firstTokenMs: 2, totalMs: 3 } },
  rssBytes: 4,
  peakRssBytes: 5,
  uptimeMs: 6,
};

/** Answers whoever examines it. */
const examined: SimProgram = {
  start() {},
  onFrame(io: SimIo, frame: Buffer) {
    const heard = new MessageReader<ToWorker>().push(frame);
    const say = new MessageLine((bytes) => {
      io.send(Buffer.from(bytes));
      return "sent";
    });
    if (heard?.kind !== "examine") return;
    const answer: FromWorker = { kind: "examined", n: heard.n, condition: CONDITION };
    say.send(answer);
  },
};

class World {
  readonly heard: (readonly [string, FromWorker])[] = [];
  readonly gone: string[] = [];
  readonly answers = new Map<string, AskResult>();
  readonly processes: SimProcesses;
  readonly workers: Workers;
  waitedMs = (): number | undefined => undefined;
  oomKills = 0;
  oomReads = 0;
  readonly #clock = new SimClock();

  constructor(program: SimProgram = quiet, processes?: Processes) {
    const chance = new Prng(1);
    const programs = { [ENTRY]: program };
    this.processes = new SimProcesses({ clock: this.#clock, random: () => chance.next(), programs });
    this.workers = new Workers({
      processes: processes ?? this.processes,
      logDir: join(temporaryFolder(), "logs"),
      engine: { slots: 1, contextTokens: 128 },
      gpuFor: (device) => (device === "cpu" ? "none" : "auto"),
      programFor: () => ({ program: { kind: "llama" }, env: {} }),
      idleTimeoutMs: 1_000,
      loadTimeoutMs: 1_000,
      drainTimeoutMs: 1_000,
      portsFrom: 8001,
      watch: { probeEveryMs: 1_000, probeTimeoutMs: 1_000, stallMs: 1_000 },
      waitedMs: () => this.waitedMs(),
      oomKills: () => {
        this.oomReads += 1;
        return { count: this.oomKills, by: "the kernel" };
      },
      heard: (worker, message) => void this.heard.push([worker, message]),
      gone: (worker) => void this.gone.push(worker),
    });
    onTestFinished(async () => {
      const ended = this.workers.endAll();
      await this.settle();
      await ended;
    });
  }

  ask(event: ProcessesAsk, id: string = event.type): void {
    this.workers.ask({ id, event }, (result) => void this.answers.set(id, result));
  }

  async fork(token: string): Promise<void> {
    this.ask({ type: "fork", token, model: "m", path: "/m", threads: 1, device: "cpu" }, `fork ${token}`);
    await this.settle();
  }

  async settle(): Promise<void> {
    for (let quietTurns = 0; quietTurns < 3;) {
      await new Promise((resolve) => void setImmediate(resolve));
      quietTurns = this.#clock.advance() ? 0 : quietTurns + 1;
    }
  }
}

describe("the processes port of a node", () => {
  test("a worker is started for the device that its model was given room on", async () => {
    const started: unknown[] = [];
    const world = new World({ start: (_io, args) => void started.push(JSON.parse(args[0] ?? "")) });
    world.ask({ type: "fork", token: "w1", model: "m", path: "/m", threads: 1, device: "cuda" });
    await world.settle();
    await world.fork("w2");
    expect(started).toMatchObject([{ engine: { gpu: "auto" } }, { engine: { gpu: "none" } }]);
  });

  test("W1 a reap that is asked for while the fork is under way waits for that process, and not for nobody", async () => {
    const home = temporaryFolder();
    const processes = realProcesses({ home, runDir: home, env: {} });
    const world = new World(quiet, processes);
    world.ask({ type: "fork", token: "w1", model: "m", path: "/m", threads: 1, device: "cpu" });
    world.ask({ type: "signal", token: "w1", signal: "SIGKILL" });
    world.ask({ type: "reap", token: "w1" });
    await waitUntil(() => world.answers.has("reap"), 10_000);
    expect(world.answers.get("fork")).toMatchObject({ ok: true, event: { type: "forked" } });
    expect(world.answers.get("reap")).toMatchObject({ ok: true, event: { known: true, how: "signal SIGKILL" } });
    expect(processes.list()).toEqual([]);
  });

  test("W1 a reap of a process that this node never had is answered at once", async () => {
    const world = new World();
    world.ask({ type: "reap", token: "w7" });
    await world.settle();
    expect(world.answers.get("reap")).toMatchObject({ ok: true, event: { known: false } });
    expect(world.gone).toEqual([]);
  });

  test("process.fork: a fork that the machine refuses is told to whoever asked, and nothing is left to reap", async () => {
    const world = new World();
    world.processes.refuseForks(1);
    await world.fork("w1");
    world.ask({ type: "reap", token: "w1" });
    await world.settle();
    expect(world.answers.get("fork w1")).toMatchObject({ ok: false, error: { code: "process.fork" } });
    expect(world.answers.get("reap")).toMatchObject({ ok: true, event: { known: false } });
    expect(world.workers.has("w1")).toBe(false);
  });

  test("W4 of a process that was reaped nothing is remembered, and who listened for its silence is told", async () => {
    const world = new World();
    await world.fork("w1");
    expect(world.heard).toEqual([["w1", { kind: "hello" }]]);
    world.ask({ type: "listen", token: "w1", silentMs: 60_000 });
    world.ask({ type: "reap", token: "w1" });
    world.ask({ type: "signal", token: "w1", signal: "SIGKILL" });
    await world.settle();
    expect(world.answers.get("listen")).toMatchObject({ ok: false, error: { code: "worker.lost" } });
    expect(world.workers.has("w1")).toBe(false);
    expect(world.gone).toEqual(["w1"]);
  });

  test("W2 one that is silent for its time is told of, once, and one that nobody listens to any more is not", async () => {
    const world = new World();
    await world.fork("w1");
    world.ask({ type: "listen", token: "w1", silentMs: 300 }, "heard");
    world.ask({ type: "listen", token: "w1", silentMs: 300 }, "dropped");
    world.workers.drop("dropped");
    await waitUntil(() => world.answers.has("heard"), 3_000);
    expect(world.answers.get("heard")).toMatchObject({ ok: true, event: { type: "silent" } });
    expect(world.answers.has("dropped")).toBe(false);
  });

  test("W2 one that was kept waiting for a processor was not silent meanwhile, and is once it runs and says nothing", async () => {
    const world = new World();
    const startedMs = performance.now();
    let isCrowded = true;
    let waitedMs = 0;
    let lookedMs = startedMs;
    world.waitedMs = () => {
      const now = performance.now();
      if (isCrowded) waitedMs += now - lookedMs;
      lookedMs = now;
      return waitedMs;
    };
    await world.fork("w1");
    world.ask({ type: "listen", token: "w1", silentMs: 700 });
    await waitUntil(() => performance.now() - startedMs > 2_000, 10_000);
    expect(world.answers.has("listen")).toBe(false);
    isCrowded = false;
    await waitUntil(() => world.answers.has("listen"), 5_000);
  });

  test("frame.invalid: a worker that sends what is no message is ended, and its node goes on", async () => {
    const garbage: SimProgram = { start: (io) => io.garble() };
    const world = new World(garbage);
    await world.fork("w1");
    world.ask({ type: "reap", token: "w1" });
    await world.settle();
    expect(world.answers.get("reap")).toMatchObject({
      ok: true,
      event: { how: "signal SIGKILL, since no frame", exit: { signal: "SIGKILL", after: "SIGKILL" } },
    });
  });

  test("W3 when the node goes every process goes, also one whose fork is under way", async () => {
    const world = new World();
    await world.fork("w1");
    world.ask({ type: "fork", token: "w2", model: "m", path: "/m", threads: 1, device: "cpu" });
    const ended = world.workers.endAll();
    await world.settle();
    await ended;
    expect(world.processes.list()).toEqual([]);
  });

  test.each([
    ["the kernel counts one more kill for want of memory", 1, true, false],
    ["the kernel counts no kill", 0, true, false],
    ["it was this node that killed it", 1, false, false],
    ["the kill was counted long before", 1, true, true],
  ])("W5 a worker that SIGKILL ended, where %s, starved or not", async (_where, kills, isForeign, isOld) => {
    const world = new World();
    await world.fork("w1");
    world.oomKills = isOld ? kills : 0;
    if (isOld) await waitUntil(() => world.oomReads >= 3, 10_000);
    world.ask({ type: "reap", token: "w1" });
    if (isForeign) world.processes.signal("w1", "SIGKILL");
    else world.ask({ type: "signal", token: "w1", signal: "SIGKILL" });
    world.oomKills = kills;
    await world.settle();
    const starved =
      kills > 0 && isForeign && !isOld ? "the kernel counts 1 kills for want of memory, 0 a moment before" : "";
    expect(world.answers.get("reap")).toMatchObject({ ok: true, event: { how: "signal SIGKILL", starved } });
  });

  test("W7 what this node sent to end it is told with its end, and not what others sent or what came too late", async () => {
    const exitAfter = async (...steps: readonly ("ask" | "other")[]) => {
      const world = new World();
      await world.fork("w1");
      for (const step of steps) {
        if (step === "other") world.processes.signal("w1", "SIGKILL");
        else world.ask({ type: "signal", token: "w1", signal: "SIGKILL" });
        await world.settle();
      }
      world.ask({ type: "reap", token: "w1" });
      await world.settle();
      return world.answers.get("reap");
    };
    const exit = { exitCode: undefined, signal: "SIGKILL" };
    expect(await exitAfter("ask")).toMatchObject({ event: { exit: { ...exit, after: "SIGKILL" } } });
    expect(await exitAfter("other")).toMatchObject({ event: { exit: { ...exit, after: "nothing" } } });
    const twice = new World();
    await twice.fork("w1");
    for (const id of ["one", "other"]) twice.ask({ type: "reap", token: "w1" }, id);
    twice.ask({ type: "signal", token: "w1", signal: "SIGKILL" });
    await twice.settle();
    expect(twice.answers.get("one")).toMatchObject({ event: { exit: { ...exit, after: "SIGKILL" } } });
    expect(twice.answers.get("other")).toEqual(twice.answers.get("one"));
    expect(await exitAfter("other", "ask")).toMatchObject({ event: { exit: { ...exit, after: "nothing" } } });
  });

  test("W6 a worker that is examined answers for itself; one that is gone, or was never there, is told as such", async () => {
    const world = new World(examined);
    await world.fork("w1");
    const asked = world.workers.examine("w1");
    await world.settle();
    expect(await asked).toEqual(CONDITION);
    await expect(world.workers.examine("w9")).rejects.toMatchObject({ code: "request.not.found" });
    const mute = new World();
    await mute.fork("w1");
    const unanswered = mute.workers.examine("w1");
    mute.ask({ type: "reap", token: "w1" });
    mute.ask({ type: "signal", token: "w1", signal: "SIGKILL" });
    await Promise.all([mute.settle(), expect(unanswered).rejects.toMatchObject({ code: "worker.hung" })]);
  });

  test("request.too.large: an ask that no worker could hold is refused in the worker's place", async () => {
    const world = new World();
    await world.fork("w1");
    const answers: unknown[] = [];
    const event = { type: "execute", text: "a".repeat(65 * 2 ** 20) };
    const envelope = {
      to: "w1/worker/main",
      from: "queen/job/j1",
      lane: "data",
      n: 0,
      label: "private",
      event,
      re: { id: "a1", from: "queen/job/j1" },
    } as const;
    world.workers.carry("queen", "w1", [{ kind: "mail", envelope }], (frame) => answers.push(frame));
    const result = { ok: false, error: { code: "request.too.large" } };
    expect(answers).toMatchObject([{ kind: "answer", id: "a1", result }]);
  });
});
