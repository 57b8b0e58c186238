/**
 * The unit of systemd that runs `rbee node`: its text, and reading what a file of that name is.
 *
 * Owns: every line of the unit and why it is there. Does not own: where it lies, or systemd (systemd.ts).
 *
 *  SU1 What it runs and what environment that has stand in the text alone: nothing of the shell that installed it.
 *  SU2 A path may hold any character that a path can: systemd reads it as it is. Only of the program itself systemd
 *      takes none with quotes, backslashes or control characters.
 *
 * @module
 */
import path from "node:path";
import type { Environment } from "../../runtime/config/paths.ts";

export const UNIT_NAME = "rbee.service";

/** By this line a file of that name is known to be ours. */
const MARK = "# Written by `rbee service install`; `rbee service remove` takes it away.";

export interface UnitFacts {
  /** The Node that runs the sources, and the launcher; absolute. */
  readonly node: string;
  readonly launcher: string;
  /** What says where everything lies. */
  readonly environment: Readonly<Record<string, string>>;
  /** How long an orderly stop may take. */
  readonly stopWithinMs: number;
}

/** Where everything lies and who is asked for models. Secrets never stand in a unit. */
const PASSED_PATHS = ["RBEE_HOME", "RBEE_CONFIG", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"];
const PASSED = ["HF_ENDPOINT", "OLLAMA_HOST"];

export function unitEnvironment(env: Environment, absolute: (path: string) => string): Record<string, string> {
  const given = (name: string, value = env[name]): string[][] => (value ? [[name, value]] : []);
  const paths = PASSED_PATHS.flatMap((name) => given(name).map(([, place = ""]) => [name, absolute(place)]));
  return Object.fromEntries([...paths, ...PASSED.flatMap((name) => given(name))]);
}

export function unitText({ node, launcher, environment, stopWithinMs }: UnitFacts): string {
  const variables = Object.entries(environment).map(
    ([name, value]) => `Environment=${quoted(`${name}=${value}`, "text")}`,
  );
  return `${MARK}
[Unit]
Description=rbee node: queen, hive and their workers
# Five failures a minute are no accident: it stays down, and \`systemctl --user status rbee\` says why.
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
# The node says itself when it serves, through systemd-notify, which is a process of its own.
Type=notify
NotifyAccess=all
ExecStart=${quoted(node, "text")} ${[launcher, "node"].map((word) => quoted(word, "argument")).join(" ")}
${variables.map((line) => `${line}\n`).join("")}
# Only the node is told to stop: it lets its workers finish what they do, and ends them itself. What is left when it has
# ended is killed.
KillMode=mixed
# The two phases of \`shutdown\` in the configuration, and what closing doors and journals may take.
TimeoutStopSec=${Math.ceil(stopWithinMs / 1_000)}
# Journals are read back before it serves.
TimeoutStartSec=90
Restart=on-failure
RestartSec=1
# Ended by a signal as it should be; and what would be the same again: usage, a taken port, a wrong configuration.
SuccessExitStatus=130 143
RestartPreventExitStatus=2 5 78
# A worker that the kernel kills for its memory is the hive's to replace, and no reason to stop the node.
OOMPolicy=continue

[Install]
WantedBy=default.target
`;
}

export const canBeRun = (node: string): boolean => !/["'\\\p{Cc}]/u.test(node);

export const isOurs = (text: string): boolean => text.startsWith(`${MARK}\n`);

/** RBEE_HOME as a unit would be given it. */
export const homeOf = (env: Environment, cwd: string): string | undefined =>
  env["RBEE_HOME"] ? path.resolve(cwd, env["RBEE_HOME"]) : undefined;

/** RBEE_HOME as the unit gives it; undefined: the default places. */
export function homeIn(text: string): string | undefined {
  const written = /^Environment="RBEE_HOME=((?:[^"\\]|\\.)*)"$/m.exec(text)?.[1];
  return written?.replaceAll("%%", "%").replaceAll(/\\(.)/g, (_, letter) => (letter === "n" ? "\n" : letter));
}

/** How long systemd waits for the unit to stop. */
export const stopSecondsIn = (text: string): number => Number(/^TimeoutStopSec=(\d+)$/m.exec(text)?.[1] ?? 90);

/** `%` names a specifier everywhere, `$` a variable in the arguments of a command alone. */
function quoted(word: string, where: "argument" | "text"): string {
  const escaped = word.replaceAll(/[\\"]/g, "\\$&").replaceAll("%", "%%").replaceAll("\n", "\\n");
  return `"${where === "argument" ? escaped.replaceAll("$", "$$$$") : escaped}"`;
}
