/**
 * `rbee status`: the queen, the hives and their workers, on one screen.
 *
 * @module
 */
import { loadConfig } from "../../runtime/config/load.ts";
import { attach } from "../attach.ts";
import type { RunCommand } from "../run.ts";
import { statusText } from "../status-text.ts";

export const status: RunCommand = async ({ options, output, interruption, env, cwd }) => {
  const loaded = loadConfig({ flags: {}, env, cwd });
  const { client } = await attach({ loaded, env, interruption, say: output.say, queen: options.text("--queen") });
  const view = await client.status(interruption.signal);
  await output.data(options.on("--json") ? `${JSON.stringify(view)}\n` : statusText(view));
  return 0;
};
