/**
 * `rbee why JOB`: what became of a job, and what it waits for.
 *
 * @module
 */
import { queenOf } from "../session/attach.ts";
import type { RunCommand } from "../run.ts";
import { wrapped } from "../terminal/wrap.ts";

export const why: RunCommand = async (run) => {
  const { args, options, output, interruption } = run;
  const [job = ""] = args;
  const view = await (await queenOf(run)).why(job, interruption.signal);
  const words = process.stdout.isTTY ? wrapped(view.words) : view.words.join("\n");
  await output.data(options.on("--json") ? `${JSON.stringify(view)}\n` : `${words}\n`);
  return 0;
};
