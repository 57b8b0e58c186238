/**
 * What every implementation of the port Processes does, P1 to P4 of src/actors/hive/processes.ts: real and simulated.
 *
 * The world of an implementation provides programs that behave as named here, and lets time pass until a fact holds.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProcessEvents, ProcessSpec, Processes } from "../../src/actors/hive/processes.ts";
import type { ErrorData } from "../../src/protocol/errors.ts";

/**
 * echo: sends `ready`, then what it gets. exit: sends `ready`, then ends with the code given. crash: breaks with the
 * line `the reason it broke`. lines: writes so many lines to stderr and ends. stubborn: echoes and ignores SIGTERM.
 * hang: sends `ready`, then never runs again. garble: sends what is no frame and stays.
 */
export type Behaviour = "echo" | "exit" | "crash" | "lines" | "stubborn" | "hang" | "garble";

export interface ProcessesWorld {
  readonly processes: Processes;
  spec(token: string, behaviour: Behaviour, argument?: string): ProcessSpec;
  until(condition: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/** What a process did so far, in order. */
class Witness implements ProcessEvents {
  readonly frames: string[] = [];
  readonly order: string[] = [];
  cause: ErrorData | undefined;

  get ready(): boolean {
    return this.frames[0] === "ready";
  }
  onFrame(bytes: Buffer): void {
    this.frames.push(bytes.toString());
    this.order.push("frame");
  }
  onClosed(cause?: ErrorData): void {
    this.cause = cause;
    this.order.push("closed");
  }
}

export function processesContract(name: string, makeWorld: () => ProcessesWorld): void {
  describe(`processes, ${name}`, () => {
    let world: ProcessesWorld;
    let processes: Processes;
    beforeEach(() => {
      world = makeWorld();
      processes = world.processes;
    });
    afterEach(() => world.close());

    const start = async (token: string, behaviour: Behaviour, argument?: string): Promise<Witness> => {
      const witness = new Witness();
      await processes.fork(world.spec(token, behaviour, argument), witness);
      return witness;
    };
    const startReady = async (token: string, behaviour: Behaviour): Promise<Witness> => {
      const witness = await start(token, behaviour);
      await world.until(() => witness.ready);
      return witness;
    };
    const exitOf = async (token: string) => {
      let over = false;
      void processes.exited(token)?.then(() => (over = true));
      await world.until(() => over);
      return processes.exited(token);
    };

    test("a forked process is listed, with its pid, until it is reaped", async () => {
      const forked = await processes.fork(world.spec("a", "exit", "0"), new Witness());
      expect(processes.list()).toEqual([{ token: "a", ...forked }]);
      await exitOf("a");
      expect(processes.list()).toEqual([]);
    });

    test("frames come back in the order they were sent, from the empty one to the largest", async () => {
      const witness = await startReady("a", "echo");
      const sent = ["", "one", "x".repeat(70_000), "two", "y".repeat(1024 * 1024)];
      for (const text of sent) expect(processes.write("a", Buffer.from(text))).toBe("sent");
      await world.until(() => witness.frames.length > sent.length);
      expect(witness.frames.slice(1)).toEqual(sent);
    });

    test("what a process sent before it ended arrives before the news that it ended", async () => {
      const witness = await start("a", "exit", "0");
      await exitOf("a");
      expect(witness.order).toEqual(["frame", "closed"]);
    });

    test("the exit code is told, to whoever asks and however often", async () => {
      await start("a", "exit", "7");
      expect(await exitOf("a")).toMatchObject({ code: 7, signal: null });
      expect(await processes.exited("a")).toMatchObject({ code: 7, signal: null });
      expect(processes.exited("never heard of")).toBeUndefined();
    });

    test("a process that breaks leaves its last words", async () => {
      await start("a", "crash");
      const exit = await exitOf("a");
      expect(exit).toMatchObject({ code: 1, signal: null });
      expect(exit?.lastLines.join("\n")).toContain("the reason it broke");
    });

    test("of what a process wrote to stderr the last 20 lines are kept", async () => {
      await start("a", "lines", "50");
      const lastLines = (await exitOf("a"))?.lastLines;
      expect(lastLines).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index + 31}`));
    });

    test("SIGTERM ends a process, and the exit names the signal", async () => {
      const witness = await startReady("a", "echo");
      expect(processes.signal("a", "SIGTERM")).toBe(true);
      expect(await exitOf("a")).toMatchObject({ code: null, signal: "SIGTERM" });
      expect(witness.order.filter((entry) => entry === "closed")).toHaveLength(1);
    });

    test("a process that ignores SIGTERM goes on, until SIGKILL", async () => {
      const witness = await startReady("a", "stubborn");
      expect(processes.signal("a", "SIGTERM")).toBe(true);
      processes.write("a", Buffer.from("still there?"));
      await world.until(() => witness.frames.length === 2);
      expect(processes.signal("a", "SIGKILL")).toBe(true);
      expect(await exitOf("a")).toMatchObject({ code: null, signal: "SIGKILL" });
    });

    test("a process that hangs answers nothing and ends by SIGKILL", async () => {
      const witness = await startReady("a", "hang");
      processes.signal("a", "SIGKILL");
      expect(await exitOf("a")).toMatchObject({ signal: "SIGKILL" });
      expect(witness.order).toEqual(["frame", "closed"]);
    });

    test("a stopped process does nothing until it is continued", async () => {
      const stopped = await startReady("a", "echo");
      const other = await startReady("b", "echo");
      processes.signal("a", "SIGSTOP");
      processes.write("a", Buffer.from("later"));
      processes.write("b", Buffer.from("now"));
      await world.until(() => other.frames.length === 2);
      expect(stopped.frames).toEqual(["ready"]);
      processes.signal("a", "SIGCONT");
      await world.until(() => stopped.frames.length === 2);
    });

    test("a stopped process ends by SIGKILL without being continued", async () => {
      await startReady("a", "echo");
      processes.signal("a", "SIGSTOP");
      processes.signal("a", "SIGKILL");
      expect(await exitOf("a")).toMatchObject({ signal: "SIGKILL" });
    });

    test("P1 what a token does not name any more is neither signalled nor written to", async () => {
      await start("a", "exit", "0");
      await exitOf("a");
      expect(processes.signal("a", "SIGKILL")).toBe(false);
      expect(processes.signal("never heard of", "SIGKILL")).toBe(false);
      expect(processes.write("a", Buffer.from("hello"))).toBe("gone");
    });

    test("P1 a token is used once, also after its process has ended", async () => {
      const [first, second] = [start("a", "exit", "0"), start("a", "echo")];
      await expect(second).rejects.toMatchObject({ code: "defect" });
      await first;
      await exitOf("a");
      await expect(start("a", "echo")).rejects.toMatchObject({ code: "defect" });
      await expect(start("../a", "echo")).rejects.toMatchObject({ code: "defect" });
    });

    test("a process that sends what is no frame loses its channel, not its life", async () => {
      const witness = await start("a", "garble");
      await world.until(() => witness.order.includes("closed"));
      expect(witness).toMatchObject({ order: ["closed"], cause: { code: "frame.invalid" } });
      expect(processes.list()).toHaveLength(1);
      expect(processes.write("a", Buffer.from("hello"))).toBe("gone");
      processes.signal("a", "SIGKILL");
      await exitOf("a");
      expect(witness.order).toEqual(["closed"]);
    });

    test("a process that does not read is not sent more than fits, and more when it reads again", async () => {
      let drained = 0;
      const witness = await startReady("a", "echo");
      Object.assign(witness, { onDrain: () => (drained += 1) });
      processes.signal("a", "SIGSTOP");
      const frame = Buffer.alloc(1024 * 1024);
      let taken = 0;
      while (taken < 100 && processes.write("a", frame) === "sent") taken += 1;
      expect(taken).toBeLessThan(10);
      processes.signal("a", "SIGCONT");
      await world.until(() => drained > 0);
      expect(processes.write("a", frame)).toBe("sent");
    });
  });
}
