/**
 * `rbee hive list|remove|detect|status`.
 *
 * @module
 */
import type { MachineView } from "../../protocol/machine-api.ts";
import { loadConfig } from "../../runtime/config/load.ts";
import { attach } from "../attach.ts";
import type { Client } from "../client.ts";
import { detectedText, hiveText } from "../hive-text.ts";
import { tellFacts } from "../facts.ts";
import type { Run, RunCommand } from "../run.ts";
import { table } from "../table.ts";

export const list: RunCommand = async (run) => {
  const machines = await (await queenOf(run)).machines();
  return tellFacts(run, { machines }, machinesText(machines));
};

export const remove: RunCommand = async (run) => {
  const [name = ""] = run.args;
  await (await queenOf(run)).removeMachine(name);
  return tellFacts(run, { name, state: "removed" }, `${name} removed: it is let in no more\n`);
};

/** Of this machine it needs no node: it asks the drivers, not the books. */
export const detect: RunCommand = async (run) => {
  const node = run.options.text("--node");
  if (node !== undefined) {
    const { machine, backends } = await (await queenOf(run)).detect(node);
    return tellFacts(run, { node, machine, backends }, detectedText(machine, backends));
  }
  const devices = await import("../../hosts/machine/devices.ts");
  const { machineFacts } = await import("../../hosts/machine/machine-facts.ts");
  const { childEnvironment } = await import("../../hosts/real/child-environment.ts");
  const backends = await devices.detect(childEnvironment());
  const machine = machineFacts();
  return tellFacts(run, { machine, backends }, detectedText(machine, backends));
};

export const status: RunCommand = async (run) => {
  const { options, output, interruption } = run;
  const view = await (await queenOf(run)).hiveStatus(options.text("--node"), interruption.signal);
  await output.data(options.on("--json") ? `${JSON.stringify(view)}\n` : hiveText(view));
  return 0;
};

async function queenOf({ options, env, cwd, interruption, output }: Run): Promise<Client> {
  const loaded = loadConfig({ flags: {}, env, cwd });
  return (await attach({ loaded, env, interruption, say: output.say, queen: options.text("--queen") })).client;
}

const machinesText = (machines: readonly MachineView[]): string =>
  table([
    ["NAME", "STATE", "HOST", "WORKERS", "VERSION", "JOINED"],
    ...machines.map(({ name, state, isQueens, host, workers, version, joinedAt }) => [
      name,
      state,
      host || "-",
      String(workers),
      version || "-",
      isQueens ? "the queen's" : (joinedAt?.slice(0, 10) ?? "-"),
    ]),
  ]);
