/**
 * A node in the foreground: its one line, what its service manager is told, and its end by a signal.
 *
 * Owns: these, for a queen's node and for a machine that has joined one. Does not own: the node (src/hosts).
 *
 *  N1 stdout gets one line, when it serves, and then nothing.
 *  N2 The first signal lets running work finish within the deadlines of `shutdown`; the second cuts that short.
 *  N3 Without a terminal SIGHUP ends nothing: it opens the log again.
 *
 * @module
 */
import { isatty } from "node:tty";
import { ERRORS, errorData } from "../../protocol/errors.ts";
import type { Flags } from "../../runtime/config/load.ts";
import type { ReadyLine, RunningNode } from "../../hosts/node-contract.ts";
import type { Interruption } from "../interruption.ts";
import type { Options } from "../options.ts";
import type { Run } from "../run.ts";
import { tellServiceManager } from "../service/notify.ts";

export function flagsFrom(options: Options): Flags {
  const [listen, name] = [options.text("--listen"), options.text("--name")];
  return { ...(listen === undefined ? {} : { listen }), ...(name === undefined ? {} : { name }) };
}

export async function serveUntilEnded({ options, output, interruption }: Run, running: RunningNode): Promise<number> {
  await output.data(options.on("--json") ? `${JSON.stringify(running.ready)}\n` : readyText(running.ready));
  tellServiceManager(output.say, "--ready", `--status=serving at ${running.ready.url}`);
  return untilEnded(running, interruption, output.say);
}

const readyText = ({ name, url, pid, door }: ReadyLine): string =>
  door === undefined
    ? `rbee node ${name} serves at ${url} (pid ${pid}). Ctrl-C stops it.\n`
    : `rbee node ${name} works for the queen at ${url} (pid ${pid}); ${door} leads to her. Ctrl-C stops it.\n`;

async function untilEnded(
  running: RunningNode,
  interruption: Interruption,
  say: (line: string) => void,
): Promise<number> {
  const { signal } = interruption;
  // What rotates logs tells a service so that it has; at a terminal a hangup is the terminal's end.
  if (![0, 1, 2].some((descriptor) => isatty(descriptor))) interruption.onHangup(() => running.reopenLog());
  const begin = (): void => {
    say("Stopping: running work may finish. Once more stops it at once.");
    tellServiceManager(say, "--stopping");
    // By now the signal says why.
    void running.stop(ERRORS[errorData(signal.reason).code].exitCode);
  };
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin, { once: true });
  interruption.onAgain(() => running.stopNow());
  const { exitCode } = await running.ended;
  return exitCode;
}
