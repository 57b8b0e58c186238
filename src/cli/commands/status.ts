/**
 * `rbee status`: the queen, the hives and their workers, on one screen.
 *
 * @module
 */
import { queenOf } from "../session/attach.ts";
import type { RunCommand } from "../run.ts";
import { statusText } from "../terminal/status-text.ts";

export const status: RunCommand = async (run) => {
  const { options, output, interruption } = run;
  const view = await (await queenOf(run)).status(interruption.signal);
  await output.data(options.on("--json") ? `${JSON.stringify(view)}\n` : statusText(view));
  return 0;
};
