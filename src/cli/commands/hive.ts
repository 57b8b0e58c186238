/**
 * `rbee hive detect|status|drain|resume`.
 *
 * @module
 */
import { loadConfig } from "../../runtime/config/load.ts";
import { attach } from "../attach.ts";
import { detectedText, hiveText, standingText } from "../hive-text.ts";
import { tellFacts } from "../facts.ts";
import type { HiveStanding } from "../../protocol/api.ts";
import type { Client } from "../client.ts";
import type { Run, RunCommand } from "../run.ts";

/** Needs no node: it asks the drivers, not the books. */
export const detect: RunCommand = async (run) => {
  const devices = await import("../../hosts/machine/devices.ts");
  const { machineFacts } = await import("../../hosts/machine/machine-facts.ts");
  const { childEnvironment } = await import("../../hosts/real/child-environment.ts");
  const backends = await devices.detect(childEnvironment());
  const machine = machineFacts();
  return tellFacts(run, { machine, backends }, detectedText(machine, backends));
};

/** The machine that is named, wherever in the cluster it is. */
export const drain: RunCommand = async (run) => tellStanding(run, (client, name) => client.drainHive(name));
export const resume: RunCommand = async (run) => tellStanding(run, (client, name) => client.resumeHive(name));

async function tellStanding(
  run: Run,
  change: (client: Client, name: string) => Promise<HiveStanding>,
): Promise<number> {
  const { options, output, interruption, env, cwd } = run;
  const [asked = ""] = run.args;
  const loaded = loadConfig({ flags: {}, env, cwd });
  const { client } = await attach({ loaded, env, interruption, say: output.say, queen: options.text("--queen") });
  const { name, state, jobs } = await change(client, asked);
  return tellFacts(run, { name, state, jobs }, standingText({ name, state, jobs }));
}

export const status: RunCommand = async ({ options, output, interruption, env, cwd }) => {
  const loaded = loadConfig({ flags: {}, env, cwd });
  const { client } = await attach({ loaded, env, interruption, say: output.say, queen: options.text("--queen") });
  const view = await client.hiveStatus(interruption.signal);
  await output.data(options.on("--json") ? `${JSON.stringify(view)}\n` : hiveText(view));
  return 0;
};
