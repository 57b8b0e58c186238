/**
 * `rbee why JOB`: what became of a job, and what it waits for.
 *
 * @module
 */
import { loadConfig } from "../../runtime/config/load.ts";
import { attach } from "../attach.ts";
import type { RunCommand } from "../run.ts";
import { wrapped } from "../wrap.ts";

export const why: RunCommand = async ({ args, options, output, interruption, env, cwd }) => {
  const [job = ""] = args;
  const loaded = loadConfig({ flags: {}, env, cwd });
  const { client } = await attach({ loaded, env, interruption, say: output.say, queen: options.text("--queen") });
  const view = await client.why(job, interruption.signal);
  const words = process.stdout.isTTY ? wrapped(view.words) : view.words.join("\n");
  await output.data(options.on("--json") ? `${JSON.stringify(view)}\n` : `${words}\n`);
  return 0;
};
