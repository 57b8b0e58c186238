/**
 * `rbee bench`: measures this machine.
 *
 * @module
 */
import type { RunCommand } from "../run.ts";

export const bench: RunCommand = async ({ args, options }) => {
  const { bench: measure } = await import("../../../tools/bench/main.ts");
  return measure(args[0], { json: options.on("--json"), peers: options.on("--peers") });
};
