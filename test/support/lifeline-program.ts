/**
 * A child on a lifeline, by its first argument: `stay` waits, `block` never runs its main loop again, `end` ends by
 * itself, `exit` ends with code 7, `announced` prints what is left of the announcement to it, `helper` starts one in
 * its group, `mortal` one that has left the group and that the kernel is to end.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { mortalCommand } from "../../src/runtime/lifeline.ts";

const behaviours: Readonly<Record<string, () => void>> = {
  stay: () => setInterval(() => {}, 1_000),
  block() {
    for (;;);
  },
  end: () => {},
  exit: () => setTimeout(() => process.exit(7), 50),
  announced: () => process.stdout.write(String(process.env["RBEE_LIFELINE"])),
  helper() {
    spawn("sleep", ["60"], { stdio: "ignore" });
    setInterval(() => {}, 1_000);
  },
  mortal() {
    const { file, args } = mortalCommand("sleep", ["60"]);
    spawn(file, args, { stdio: "ignore", detached: true });
    setInterval(() => {}, 1_000);
  },
};

process.stdout.write("ready\n");
behaviours[process.argv[2] ?? ""]?.();
