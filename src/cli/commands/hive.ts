/**
 * `rbee hive detect|status`.
 *
 * @module
 */
import { loadConfig } from "../../runtime/config/load.ts";
import { attach } from "../attach.ts";
import { detectedText, hiveText } from "../hive-text.ts";
import { tellFacts } from "../facts.ts";
import type { RunCommand } from "../run.ts";

/** Needs no node: it asks the drivers, not the books. */
export const detect: RunCommand = async (run) => {
  const devices = await import("../../hosts/machine/devices.ts");
  const { machineFacts } = await import("../../hosts/machine/machine-facts.ts");
  const { childEnvironment } = await import("../../hosts/real/child-environment.ts");
  const backends = await devices.detect(childEnvironment());
  const machine = machineFacts();
  return tellFacts(run, { machine, backends }, detectedText(machine, backends));
};

export const status: RunCommand = async ({ options, output, interruption, env, cwd }) => {
  const loaded = loadConfig({ flags: {}, env, cwd });
  const { client } = await attach({ loaded, env, interruption, say: output.say, queen: options.text("--queen") });
  const view = await client.hiveStatus(interruption.signal);
  await output.data(options.on("--json") ? `${JSON.stringify(view)}\n` : hiveText(view));
  return 0;
};
