/**
 * The command line: arguments in, exit code out.
 *
 * Owns: which module runs which command, and that every failure is told and has its exit code.
 * Does not own: help and version, which the launcher prints before this is loaded (bin/rbee.mjs).
 *
 * Commands are imported when they are run: `rbee config path` loads no state machine.
 *
 * @module
 */
import { dispatch } from "./dispatch.ts";
import { tellFailure } from "./failure.ts";
import { listenForSignals } from "./interruption.ts";
import { openOutput, type Output } from "./terminal/output.ts";
import type { RunCommand } from "./run.ts";

const RUNNERS = new Map<string, () => Promise<RunCommand>>([
  ["", async () => (await import("./commands/repl.ts")).repl],
  ["ask", async () => (await import("./commands/ask.ts")).ask],
  ["eval", async () => (await import("./commands/eval.ts")).evaluate],
  ["sessions list", async () => (await import("./commands/sessions.ts")).list],
  ["sessions show", async () => (await import("./commands/sessions.ts")).show],
  ["sessions search", async () => (await import("./commands/sessions.ts")).search],
  ["sessions stats", async () => (await import("./commands/sessions.ts")).stats],
  ["sessions export", async () => (await import("./commands/sessions.ts")).exportSession],
  ["sessions replay", async () => (await import("./commands/sessions.ts")).replay],
  ["sessions fork", async () => (await import("./commands/sessions.ts")).fork],
  ["sessions remove", async () => (await import("./commands/sessions.ts")).remove],
  ["knowledge list", async () => (await import("./commands/knowledge.ts")).list],
  ["knowledge search", async () => (await import("./commands/knowledge.ts")).search],
  ["knowledge add", async () => (await import("./commands/knowledge.ts")).add],
  ["knowledge forget", async () => (await import("./commands/knowledge.ts")).forget],
  ["knowledge export", async () => (await import("./commands/knowledge.ts")).exportKnowledge],
  ["infer", async () => (await import("./commands/infer.ts")).infer],
  ["node", async () => (await import("./commands/node.ts")).node],
  ["daemon start", async () => (await import("./commands/daemon.ts")).start],
  ["daemon stop", async () => (await import("./commands/daemon.ts")).stop],
  ["daemon status", async () => (await import("./commands/daemon.ts")).status],
  ["status", async () => (await import("./commands/status.ts")).status],
  ["why", async () => (await import("./commands/why.ts")).why],
  ["worker list", async () => (await import("./commands/worker.ts")).list],
  ["worker spawn", async () => (await import("./commands/worker.ts")).spawn],
  ["worker health", async () => (await import("./commands/worker.ts")).health],
  ["hive list", async () => (await import("./commands/hive.ts")).list],
  ["hive remove", async () => (await import("./commands/hive.ts")).remove],
  ["hive detect", async () => (await import("./commands/hive.ts")).detect],
  ["hive drain", async () => (await import("./commands/hive.ts")).drain],
  ["hive resume", async () => (await import("./commands/hive.ts")).resume],
  ["hive status", async () => (await import("./commands/hive.ts")).status],
  ["hive start", async () => (await import("./commands/hive.ts")).start],
  ["hive stop", async () => (await import("./commands/hive.ts")).stop],
  ["setup add-node", async () => (await import("./commands/setup.ts")).addNode],
  ["setup install", async () => (await import("./commands/setup.ts")).install],
  ["setup list-nodes", async () => (await import("./commands/setup.ts")).listNodes],
  ["setup remove-node", async () => (await import("./commands/setup.ts")).removeNode],
  ["worker stop", async () => (await import("./commands/worker.ts")).stop],
  ["key create", async () => (await import("./commands/key.ts")).create],
  ["key list", async () => (await import("./commands/key.ts")).list],
  ["key revoke", async () => (await import("./commands/key.ts")).revoke],
  ["join", async () => (await import("./commands/join.ts")).join],
  ["token create", async () => (await import("./commands/token.ts")).create],
  ["token list", async () => (await import("./commands/token.ts")).list],
  ["token revoke", async () => (await import("./commands/token.ts")).revoke],
  ["model list", async () => (await import("./commands/model.ts")).list],
  ["model info", async () => (await import("./commands/model.ts")).info],
  ["model download", async () => (await import("./commands/model.ts")).download],
  ["model remove", async () => (await import("./commands/model.ts")).remove],
  ["config show", async () => (await import("./commands/config.ts")).show],
  ["config list", async () => (await import("./commands/config.ts")).list],
  ["config path", async () => (await import("./commands/config.ts")).path],
  ["config validate", async () => (await import("./commands/config.ts")).validate],
  ["config set", async () => (await import("./commands/config.ts")).set],
  ["config unset", async () => (await import("./commands/config.ts")).unset],
  ["config trust", async () => (await import("./commands/config.ts")).trust],
  ["service install", async () => (await import("./commands/service.ts")).install],
  ["service status", async () => (await import("./commands/service.ts")).status],
  ["service remove", async () => (await import("./commands/service.ts")).remove],
  ["doctor", async () => (await import("./commands/doctor.ts")).doctor],
  ["logs", async () => (await import("./commands/logs.ts")).nodeLogs],
  ["worker logs", async () => (await import("./commands/logs.ts")).workerLogs],
  ["completion", async () => (await import("./commands/completion.ts")).completion],
  ["machines", async () => (await import("./commands/machines.ts")).machines],
  ["bench", async () => (await import("./commands/bench.ts")).bench],
]);

export async function main(argv: readonly string[]): Promise<number> {
  const output = openOutput();
  try {
    return await runCommand(argv, output);
  } catch (error) {
    return await tellFailure(error, argv.includes("--json"), output);
  } finally {
    output.close();
  }
}

async function runCommand(argv: readonly string[], output: Output): Promise<number> {
  const { command, args, options } = dispatch(argv);
  const load = RUNNERS.get(command);
  if (load === undefined) throw new Error(`the command ${command} has a page of help and no code`);
  const interruption = listenForSignals();
  try {
    const run = await load();
    return await run({ args, options, output, interruption, env: process.env, cwd: process.cwd() });
  } finally {
    interruption.close();
  }
}
