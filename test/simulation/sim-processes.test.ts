/**
 * The simulated processes: the contract of the real ones, and what makes them fit for a simulated world.
 *
 * @module
 */
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { processesContract } from "../support/processes-contract.ts";
import type { Behaviour } from "../support/processes-contract.ts";
import { SimClock } from "./sim-clock.ts";
import type { SimProgram } from "./sim-process.ts";
import { SimProcesses } from "./sim-processes.ts";

const echo: SimProgram = {
  start: (io) => io.send(Buffer.from("ready")),
  onFrame: (io, bytes) => io.send(bytes),
};

const programs: Readonly<Record<Behaviour, SimProgram>> = {
  echo,
  stubborn: { ...echo, onSigterm: () => {} },
  exit: {
    start(io, [code]) {
      io.send(Buffer.from("ready"));
      io.exit(Number(code));
    },
  },
  crash: {
    start(io) {
      io.stderr("Error: the reason it broke");
      io.exit(1);
    },
  },
  lines: {
    start(io, [count]) {
      for (let line = 1; line <= Number(count); line += 1) io.stderr(`line ${line}`);
      io.exit(0);
    },
  },
  hang: {
    start(io) {
      io.send(Buffer.from("ready"));
      io.hang();
    },
  },
  garble: { start: (io) => io.garble() },
};

/** A small linear congruence: enough to tell one seed from another. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const silent = { onFrame: () => {}, onClosed: () => {} };
const specOf = (token: string, behaviour: Behaviour, argument = "") => ({
  token,
  entry: behaviour,
  args: [argument],
  env: {},
});

function simWorld(seed: number) {
  const clock = new SimClock();
  const processes = new SimProcesses({ clock, random: seeded(seed), programs });
  // A fork is answered in virtual time, so time has to pass while somebody waits for it.
  const passing = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false;
    const done = (): void => void (settled = true);
    promise.then(done, done);
    for (await turn(); !settled; await turn()) clock.advance();
    return promise;
  };
  return { clock, processes, passing };
}

processesContract("simulated", () => {
  const { clock, processes, passing } = simWorld(Number(process.env["RBEE_SEED"]));
  return {
    processes: {
      fork: (spec, events) => passing(processes.fork(spec, events)),
      write: (token, bytes) => processes.write(token, bytes),
      exited: (token) => processes.exited(token),
      signal: (token, signal) => processes.signal(token, signal),
      list: () => processes.list(),
    },
    spec: specOf,
    async until(condition) {
      for (await turn(); !condition(); await turn()) {
        if (!clock.advance()) throw new Error("nothing happens any more, and it does not hold");
      }
    },
    close: () => Promise.resolve(),
  };
});

describe("simulated processes", () => {
  async function history(seed: number): Promise<readonly string[]> {
    const { clock, processes, passing } = simWorld(seed);
    const told: string[] = [];
    const tell = (what: string): void => void told.push(`${clock.monotonicMs().toFixed(3)} ${what}`);
    for (const token of ["a", "b", "c"]) {
      await passing(
        processes.fork(specOf(token, "echo"), {
          onFrame: (bytes) => tell(`${token} ${bytes.toString()}`),
          onClosed: () => tell(`${token} closed`),
        }),
      );
      processes.write(token, Buffer.from("hello"));
    }
    while (clock.advance()) if (clock.monotonicMs() > 60) processes.signal("b", "SIGKILL");
    return told;
  }

  test("SP1 a seed gives the same history twice, and another seed another", async () => {
    expect(await history(1)).toEqual(await history(1));
    expect(await history(1)).not.toEqual(await history(2));
  });

  test("SP2 when the parent dies nothing of its processes is ever heard again", async () => {
    const { clock, processes, passing } = simWorld(1);
    const heard: string[] = [];
    const events = { onFrame: () => heard.push("frame"), onClosed: () => heard.push("closed") };
    await passing(processes.fork(specOf("a", "echo"), events));
    void processes.fork(specOf("b", "echo"), events).then(() => heard.push("forked"));
    processes.parentDies();
    while (clock.advance()) await turn();
    expect(heard).toEqual([]);
    expect(processes.list()).toEqual([]);
  });

  test("a machine that refuses a fork says process.fork, and takes the next", async () => {
    const { processes, passing } = simWorld(1);
    processes.refuseForks(1);
    await expect(processes.fork(specOf("a", "echo"), silent)).rejects.toMatchObject({ code: "process.fork" });
    await passing(processes.fork(specOf("a", "echo"), silent));
    expect(processes.list()).toHaveLength(1);
  });
});
