/**
 * `rbee bench [NAME]`: what the parts cost, each beside the plain way of doing the same work.
 *
 * A bench is a module with a {@link Bench}; it is added to the list here and nowhere else.
 *
 * @module
 */
import { availableParallelism, loadavg } from "node:os";
import { RbeeError } from "../../src/protocol/errors.ts";
import { type Bench, type Line, sentence } from "./measure.ts";

export interface BenchOptions {
  readonly json: boolean;
  /** Also beside programs of others, where they are installed. */
  readonly peers: boolean;
}

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<Bench>>> = {
  step: async () => (await import("./step.ts")).stepBench,
  mailbox: async () => (await import("./mailbox.ts")).mailboxBench,
  schedule: async () => (await import("./schedule.ts")).scheduleBench(),
  fleet: async () => (await import("./fleet.ts")).fleetBench(),
  link: async ({ peers }) => (await import("./link.ts")).linkBench(peers),
  admission: async () => (await import("./admission.ts")).admissionBench,
  infer: async () => (await import("./infer.ts")).inferBench,
  native: async () => (await import("./native.ts")).nativeBench,
  hive: async () => (await import("./hive.ts")).hiveBench,
  cascade: async () => (await import("./cascade.ts")).cascadeBench,
  recover: async () => (await import("./recover.ts")).recoverBench,
  door: async ({ peers }) => (await import("./door.ts")).doorBench(peers),
  streams: async () => (await import("./streams.ts")).streamsBench(),
  soak: async () => (await import("./soak.ts")).soakBench(),
  help: async () => (await import("./help.ts")).helpBench,
  team: async () => (await import("./team.ts")).teamBench(),
  keystroke: async () => (await import("./keystroke.ts")).keystrokeBench(),
};

/** Only by their names: they take minutes, or the whole machine. */
const LONG = new Set(["fleet", "recover", "soak"]);

/** @returns the exit code: 0 when every goal was met. @throws RbeeError usage.invalid for a name that is none. */
export async function bench(name: string | undefined, options: BenchOptions): Promise<number> {
  const names = name === undefined ? Object.keys(BENCHES).filter((each) => !LONG.has(each)) : [name];
  warnOfOthers();
  let missed = 0;
  const print = (line: Line): void => {
    if (line.met === false) missed += 1;
    process.stdout.write(`${options.json ? JSON.stringify(line) : sentence(line)}\n`);
  };
  for (const each of names) {
    const load = BENCHES[each];
    if (load === undefined)
      throw new RbeeError("usage.invalid", `no bench ${each}; there are ${Object.keys(BENCHES).join(", ")}`);
    await (await load(options)).run(print);
  }
  return missed === 0 ? 0 : 1;
}

/** Turns even out what others take from both sides; they cannot where one side is three processes and the other one. */
function warnOfOthers(): void {
  const [load = 0] = loadavg();
  const cores = availableParallelism();
  if (load < cores) return;
  process.stderr.write(`rbee bench: others keep this machine busy (load ${load.toFixed(1)} on ${cores} cores)\n`);
}

if (import.meta.main) {
  const given = process.argv.slice(2);
  process.exitCode = await bench(
    given.find((word) => !word.startsWith("-")),
    { json: given.includes("--json"), peers: given.includes("--peers") },
  );
}
