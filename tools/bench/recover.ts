/**
 * How long a reader waits when the machine that answers is lost: from that moment to the next token, which comes from
 * another machine.
 *
 * A queen and a member, each a node of its own. `killed` is a plug that is pulled: the member is ended with SIGKILL and
 * its connection breaks. `silent` is a cable that is pulled: it is stopped with SIGSTOP, and nothing of it is heard.
 * Each time the model is not loaded yet where the answer goes on.
 *
 * @module
 */
import { once } from "node:events";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { writeRandomModel } from "../starter/random-model.ts";
import { type Bench, bounded, median, type Print } from "./measure.ts";
import { inTemporaryFolder, type NodeProcess, startNodeProcess, startProgram } from "./node-process.ts";

const ROUNDS = 20;
const TOKENS = 20;
const WITHIN_MS = 60_000;
const POLL_MS = 20;

export const recoverBench: Bench = {
  name: "recover",
  async run(print) {
    await inTemporaryFolder(async (folder) => {
      const queen = await startNodeProcess(join(folder, "queen"));
      const rig = new Rig(queen, folder);
      try {
        await tell(print, "killed", rig, "SIGKILL");
        await tell(print, "silent", rig, "SIGSTOP");
      } finally {
        await rig.end();
      }
    });
  },
};

async function tell(print: Print, name: string, rig: Rig, signal: NodeJS.Signals): Promise<void> {
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) took.push(await rig.lose(signal));
  const line = { bench: "recover", unit: "ms", values: took };
  print(bounded({ ...line, case: `${name}-p50`, value: median(took) }));
  print(bounded({ ...line, case: `${name}-max`, value: Math.max(...took) }));
}

class Rig {
  readonly #queen: NodeProcess;
  readonly #folder: string;
  readonly #model: string;
  #members = 0;
  #member: ChildProcess | undefined;

  constructor(queen: NodeProcess, folder: string) {
    this.#queen = queen;
    this.#folder = folder;
    const path = join(folder, "digits.gguf");
    this.#model = `file:${writeRandomModel({ path, seed: 1, size: "tiny", endless: "digits" }).path}`;
  }

  /** @returns how many ms passed from the signal to the next token */
  async lose(signal: NodeJS.Signals): Promise<number> {
    const { client } = this.#queen;
    await this.#ready();
    const task = { capability: "text", model: this.#model, prompt: "Once", max_tokens: 3000, temperature: 0 } as const;
    const submitted = await client.submit(task);
    let tokens = 0;
    let workers = 0;
    let lostMs = 0;
    for await (const event of client.events(submitted, AbortSignal.timeout(WITHIN_MS))) {
      if (event.type === "assigned") workers += 1;
      if (event.type !== "token") continue;
      tokens += 1;
      if (tokens === TOKENS) {
        this.#member?.kill(signal);
        lostMs = performance.now();
      }
      // What had been said before is still on its way.
      if (workers < 2) continue;
      const tookMs = performance.now() - lostMs;
      await client.cancel(submitted.job_id);
      return tookMs;
    }
    throw new Error("the answer ended before its machine was lost");
  }

  async end(): Promise<void> {
    await this.#endMember();
    await this.#queen.stop();
  }

  /**
   * A member is linked, and the one worker of the model is there. A new member each time: on a machine whose workers
   * die again and again none is started for a while.
   */
  async #ready(): Promise<void> {
    const { client } = this.#queen;
    await this.#endMember();
    this.#members += 1;
    const member = `member${this.#members}`;
    const { token } = await client.createToken(undefined);
    this.#member = startProgram(join(this.#folder, member), ["join", token, "--name", member, "--json"]);
    await until("the member serves", async () => {
      const { hives } = await client.status();
      return hives.some(({ name, state }) => name === member && state === "serving");
    });
    for (const { id, model } of await client.workers()) if (model === this.#model) await client.stopWorker(id);
    await until("its workers are gone", async () =>
      (await client.workers()).every(({ model, state }) => model !== this.#model && state === "idle"),
    );
    await client.spawnWorker(this.#model, member);
    await until("its model is loaded there", async () =>
      (await client.workers()).some(({ model, state }) => model === this.#model && state === "idle"),
    );
  }

  async #endMember(): Promise<void> {
    const member = this.#member;
    if (member === undefined || member.exitCode !== null || member.signalCode !== null) return;
    member.kill("SIGKILL");
    await once(member, "exit");
  }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + WITHIN_MS;
  while (!(await holds())) {
    if (performance.now() > giveUpMs) throw new Error(`it never came to be that ${what}`);
    await pause(POLL_MS);
  }
}
