/**
 * What is left of an installation on another machine: its processes, by what the kernel there says, and its files.
 *
 *  RM1 A process is one of it that runs a program of it, that has its home in the environment it began with, or that a
 *      node of that home has marked as its own: whoever its parent is, whether or not its files are still there.
 *  RM2 Gone is what was looked for and not found, and never what was merely told to go.
 *
 * @module
 */
import { markOfPath } from "../../hosts/real/process-marks.ts";
import type { SshConnection } from "../../net/ssh/connection.ts";
import { lastWords } from "../../net/ssh/failure.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { farHome } from "./far-program.ts";

/** RM1. The shell that looks has none of these marks. */
const LOOK = `
root=$1; home=RBEE_HOME=$2; mark=RBEE_PROCESS_HOME=$3
numbers() { sed -n -e 's|.*/proc/\\([0-9]*\\)/.*|\\1|p'; }
look() {
  {
    ls -l /proc/[0-9]*/exe 2>/dev/null | grep -F -e " -> $root/" | sed -e 's| -> .*||' | numbers
    grep -l -F -e "$home" -e "$mark" /proc/[0-9]*/environ 2>/dev/null | numbers | while read -r each; do
      tr '\\0' '\\n' 2>/dev/null <"/proc/$each/environ" | grep -q -x -F -e "$home" -e "$mark" && echo "$each"
    done
  } | sort -u -n | while read -r each; do
    grep -q '^State:[[:space:]]*Z' "/proc/$each/status" 2>/dev/null || [ ! -e "/proc/$each" ] || echo "$each"
  done
}
`;
const LIST = `${LOOK}
for each in $(look); do echo "process $each"; done
[ ! -e "$root" ] || echo "files yes"
echo "whole yes"
`;
const KILL = `${LOOK}
for time in 1 2 3 4 5 6 7 8 9 10; do
  found=$(look)
  [ -n "$found" ] || break
  for each in $found; do kill -KILL "$each" 2>/dev/null; done
  sleep 1
done
echo "whole yes"
`;
const DELETE = `
root=$1
case "$root" in */rbee-hive) rm -rf -- "$root" ;; *) exit 3 ;; esac
echo "whole yes"
`;

export interface Remains {
  readonly pids: readonly number[];
  readonly files: boolean;
}

/** RM2. */
export async function remainsOf(far: SshConnection, root: string): Promise<Remains> {
  const lines = await linesOf(far, LIST, root);
  const pids = lines.flatMap((line) => /^process (\d{1,10})$/.exec(line)?.[1] ?? []).map(Number);
  return { pids, files: lines.includes("files yes") };
}

export const killRemains = (far: SshConnection, root: string): Promise<unknown> => linesOf(far, KILL, root);

/** RM2. @throws RbeeError setup.remains */
export async function deleteAll(far: SshConnection, root: string): Promise<void> {
  await linesOf(far, DELETE, root);
  const { pids, files } = await remainsOf(far, root);
  if (pids.length > 0 || files) throw new RbeeError("setup.remains", remainsText(root, { pids, files }));
}

export const remainsText = (root: string, { pids, files }: Remains): string =>
  [...(pids.length > 0 ? [`processes ${pids.join(", ")}`] : []), ...(files ? [`files in ${root}`] : [])].join(", and ");

async function linesOf(far: SshConnection, script: string, root: string): Promise<readonly string[]> {
  const home = farHome(root);
  const { code, stdout, stderr } = await far.run(["sh", "-c", script, "rbee", root, home, markOfPath(home)]);
  const lines = stdout.split("\n");
  if (lines.includes("whole yes")) return lines;
  throw new RbeeError("setup.failed", `exit code ${code}: ${lastWords(stderr) || lastWords(stdout)}`);
}
