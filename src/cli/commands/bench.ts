/**
 * `rbee bench`: measures this machine.
 *
 * @module
 */
import type { RunCommand } from "../run.ts";

export const bench: RunCommand = async ({ args, options }) => {
  const { bench: measure } = await import("../../../tools/bench/main.ts");
  return measure(args[0], options.on("--json"));
};
