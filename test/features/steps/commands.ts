/**
 * Sentences about the command line: what is run, where, and what it says.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { z } from "zod";
import { hiveStatus, type StatusView } from "../../../src/protocol/api.ts";
import { waitUntil } from "../../support/children.ts";
import { keeper, type Surroundings } from "../../support/keeper.ts";
import { endlessModel, step, type World } from "../world.ts";

const WITHIN_MS = 20_000;
const loadingEvent = z.object({ type: z.literal("loading"), step: z.string(), fraction: z.number() });
const EXAMPLE = fileURLToPath(new URL("../../../config.example.yaml", import.meta.url));

/** A line as it is typed, without the program's name. */
function run(world: World, line: string, surroundings: Surroundings): void {
  const [name, ...args] = line.split(" ");
  expect(name).toBe("rbee");
  world.program = keeper(args, surroundings);
}

function runBeside(world: World, line: string): void {
  world.home = world.node.home;
  run(world, line, { home: world.home });
}

const runAlone = (world: World, line: string, env: Readonly<Record<string, string>> = {}): void =>
  run(world, line, { home: world.home, env });

step("{string} runs beside it", runBeside);
step("{string} with that worker runs beside it", (world, line) => runBeside(world, `${line} ${world.worker.id}`));
step("{string} runs in a home of its own", (world, line) => runAlone(world, line));
step("{string} runs", (world, line) => runAlone(world, line));
step("{string} runs with the variable {string} as {string}", (world, line, name, value) =>
  runAlone(world, line, { [name]: value }),
);
step("{string} runs on the example that the project ships", (world, line) => runAlone(world, `${line} ${EXAMPLE}`));
step("{string} runs with a prompt of {int} tokens", (world, line, tokens) =>
  runBeside(world, `${line} --prompt Once --json --max-tokens ${tokens} --model ${endlessModel()}`),
);

step("it has shown the beginning of its answer", ({ program }) => program.shows('"token"'));
step("it is interrupted", ({ program }) => program.process.kill("SIGINT"));
step("its job is cancelled", async (world) => {
  const last = world.program.stdout.trimEnd().split("\n").at(-1) ?? "";
  expect(JSON.parse(last)).toMatchObject({ type: "error" });
});
step("its slot is free", ({ node }) =>
  waitUntil(async () => (await node.workers()).every(({ busySlots }) => busySlots === 0), WITHIN_MS),
);

step("it ends with exit code {int}", async ({ program }, exitCode) => {
  expect(await program.exitCode, program.stderr).toBe(exitCode);
});
step("stdout holds the answer and stderr nothing", ({ program }) => {
  expect(program.stderr).toBe("");
  expect(program.stdout).toMatch(/\w/);
});
step("stdout names {string}", ({ program }, text) => expect(program.stdout).toContain(text));
step("stdout told of the {string} as it came", ({ program }, what) => {
  const told = program.stdout
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  const fractions = told.flatMap((event) => {
    const { data: found } = loadingEvent.safeParse(event);
    return found?.step === what ? [found.fraction] : [];
  });
  expect(fractions.some((fraction) => fraction > 0 && fraction < 1)).toBe(true);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
});
step("stdout names that worker", ({ program, worker }) => expect(program.stdout).toContain(worker.id));
step("stdout is the status of this very node", ({ program, node }) => {
  const status = JSON.parse(program.stdout) as StatusView;
  expect(status).toMatchObject({ schemaVersion: 1, queen: { pid: node.pid, url: node.ready.url } });
});
/** `cuda    no: no driver`, as words. */
const backendsIn = (text: string): readonly string[][] =>
  text.split("\n").flatMap((line) => (/^(?:cpu|cuda|metal|vulkan) /.test(line) ? [line.split(/\s+/)] : []));

step("stdout says of {string} that it is there", ({ program }, kind) => {
  expect(backendsIn(program.stdout).find(([name]) => name === kind)?.[1]).toBe("yes");
});
step("stdout says of each backend that is not there why not", ({ program }) => {
  const absent = backendsIn(program.stdout).filter(([, is]) => is !== "yes");
  expect(absent.length).toBeGreaterThan(0);
  for (const [, is, ...why] of absent) expect([is, why.join(" ")]).toEqual(["no:", expect.stringMatching(/\w+ \w+/)]);
});
step("stdout tells of memory that is free, booked and kept back, and of that worker", ({ program, worker }) => {
  const { hive } = hiveStatus.parse(JSON.parse(program.stdout));
  expect(hive.workers.map(({ id }) => id)).toContain(worker.id);
  const { totalBytes, freeBytes, bookedBytes, headroomBytes } = hive.memory;
  expect(bookedBytes).toBeGreaterThanOrEqual(hive.workers.reduce((sum, { reservedBytes }) => sum + reservedBytes, 0));
  for (const bytes of [freeBytes, bookedBytes, headroomBytes]) {
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(totalBytes);
  }
});
step("stdout has the line {string}", ({ program }, line) => expect(program.stdout.split("\n")).toContain(line));
step("stdout names the setting {string} as {string} from {string}", ({ program }, key, value, origin) => {
  const line = program.stdout.split("\n").find((one) => one.startsWith(`${key} = ${value} `));
  expect(line?.endsWith(origin), program.stdout).toBe(true);
});
step("neither stdout nor stderr holds {string}", ({ program }, text) => {
  expect(program.stdout).not.toContain(text);
  expect(program.stderr).not.toContain(text);
});
step("stderr names {string}", ({ program }, text) => expect(program.stderr).toContain(text));
step("stderr names {string} and the process of the node", ({ program, node }, text) => {
  expect(program.stderr).toContain(text);
  expect(program.stderr).toContain(`process ${node.pid}`);
});

const linesOf = (rows: readonly (readonly string[])[]): string =>
  rows.map(([key, value]) => `${key}: ${value}\n`).join("");

step("the user's file says", ({ home }, rows) => {
  mkdirSync(home, { mode: 0o700 });
  writeFileSync(join(home, "config.yaml"), linesOf(rows));
});
step("the user's file changes to", ({ home }, rows) => writeFileSync(join(home, "config.yaml"), linesOf(rows)));
step("the user's file in XDG_CONFIG_HOME says", ({ home }, rows) => {
  mkdirSync(join(home, "rbee"), { recursive: true, mode: 0o700 });
  writeFileSync(join(home, "rbee", "config.yaml"), linesOf(rows));
});
step("{string} runs without RBEE_HOME", (world, line) => {
  const { home } = world;
  const folders = { XDG_CONFIG_HOME: home, XDG_STATE_HOME: join(home, "state"), XDG_DATA_HOME: join(home, "data") };
  run(world, line, { env: { RBEE_HOME: "", ...folders } });
});
