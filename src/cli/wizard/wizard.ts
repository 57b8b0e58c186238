/**
 * The first run: what this machine is, a model that suits it, and a first question.
 *
 * Owns: the questions and their order. Does not own: whether they are asked (first-run.ts), which models suit
 * (offers.ts), or any of the work: each step is a command of its own, and is shown as one.
 *
 *  WZ1 Every step is printed as the command that does the same.
 *  WZ2 Whatever fails or is declined, the conversation begins afterwards, with the starter if need be.
 *  WZ3 Nothing is fetched that was not chosen, with its size and licence before the eyes; Enter alone chooses nothing.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import * as clack from "@clack/prompts";
import { diskSize } from "../../../machines/rules/room.ts";
import { detect, likelyKinds } from "../../hosts/machine/devices.ts";
import { machineFacts } from "../../hosts/machine/machine-facts.ts";
import { prepareHome } from "../../hosts/real/home-folder.ts";
import { childEnvironment } from "../../hosts/real/child-environment.ts";
import { errorData } from "../../protocol/errors.ts";
import type { LoadedConfig } from "../../runtime/config/load.ts";
import { makeFolders } from "../../runtime/config/paths.ts";
import { sizeText } from "../../runtime/config/units.ts";
import { failureText } from "../failure.ts";
import { Options } from "../options.ts";
import type { Run, RunCommand } from "../run.ts";
import { rememberAnswer } from "./first-run.ts";
import { FIGURES_FROM, type MachineRoom, type Offer, offersFor } from "./offers.ts";

/** stdout is for answers. */
const HERE = { output: process.stderr };
const QUESTION = "What is a hive?";
const STARTER = "starter";

/** Returns when the conversation can begin; throws only when the person interrupts what was begun. */
export async function runWizard(run: Run, { paths, config }: LoadedConfig): Promise<void> {
  clack.intro("rbee: this is the first time here. One question, then we talk.", HERE);
  const notice = prepareHome(paths.home);
  if (notice !== undefined) clack.log.warn(notice, HERE);
  makeFolders(paths);
  const offers = offersFor(await lookAround(paths.models, config.memory.headroomBytes));
  const chosen = await choose(offers);
  rememberAnswer(paths, chosen === undefined ? "declined" : "accepted");
  if (chosen === undefined) {
    clack.outro("The starter answers for now. Later: rbee model download hf:OWNER/REPO:QUANT", HERE);
    return;
  }
  const done =
    (await step(run, "model download", { args: [chosen.model] })) &&
    (await step(run, "config set", { args: ["model.default", chosen.model] }));
  if (done) await firstQuestion(run);
  clack.outro(done ? "That is all. The conversation begins." : "The starter answers for now.", HERE);
}

async function lookAround(models: string, headroomBytes: number): Promise<MachineRoom> {
  const looking = clack.spinner(HERE);
  looking.start("Looking at this machine");
  const kinds = likelyKinds();
  const backends = kinds.length === 0 ? [] : await detect(childEnvironment(), { kinds });
  const { cores, memory } = machineFacts();
  const gpu = backends.find(({ usable }) => usable);
  const cards = gpu?.cards.map(({ name, totalBytes }) => `${name} with ${sizeText(totalBytes)}`) ?? [];
  const { bavail, bsize } = statfsSync(models);
  const diskBytes = bavail * bsize;
  const has = [`${sizeText(memory.freeBytes)} memory free`, `${cores} cores`, ...cards, `${diskSize(diskBytes)} disk`];
  looking.stop(`This machine: ${has.join(", ")}`);
  const own = gpu === undefined || gpu.totalBytes === 0 ? memory.freeBytes : gpu.freeBytes;
  return { memoryBytes: own - headroomBytes, diskBytes, hasGpu: gpu !== undefined };
}

/** @returns undefined for the starter, also when the question is left with Ctrl-C */
async function choose(offers: readonly Offer[]): Promise<Offer | undefined> {
  const starter = {
    value: STARTER,
    label: "the starter",
    hint: "is here already, and tiny: talk at once, choose later",
  };
  const options = offers.map(({ model, title, bytes, licence }, at) => ({
    value: model,
    label: `${title} (${diskSize(bytes)}, ${licence})${at === 0 ? ": suits this machine" : ""}`,
  }));
  const message = `Which model shall answer? (sizes as of ${FIGURES_FROM}; the hub's count)`;
  const answer = await clack.select({ message, options: [starter, ...options], ...HERE });
  return offers.find(({ model }) => model === answer);
}

const STEPS = {
  "model download": async () => (await import("../commands/model.ts")).download,
  "config set": async () => (await import("../commands/config.ts")).set,
  infer: async () => (await import("../commands/infer.ts")).infer,
} as const satisfies Record<string, () => Promise<RunCommand>>;

interface Typed {
  readonly args?: readonly string[];
  readonly flags?: readonly (readonly [string, string])[];
}

/** WZ1, WZ2. @returns whether it did what it is for */
async function step(run: Run, command: keyof typeof STEPS, { args = [], flags = [] }: Typed): Promise<boolean> {
  const words = flags.map(([flag, value]) => `${flag} ${forShell(value)}`);
  clack.log.step(["rbee", command, ...args, ...words].join(" "), HERE);
  try {
    const work = await STEPS[command]();
    return (await work({ ...run, args, options: new Options(new Map(flags), new Set()) })) === 0;
  } catch (error) {
    if (run.interruption.signal.aborted) throw error;
    clack.log.warn(failureText(errorData(error)), HERE);
    return false;
  }
}

/** Between single quotes a shell takes everything as it is. */
const forShell = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

async function firstQuestion(run: Run): Promise<void> {
  const asked = await clack.text({ message: "Ask it something", initialValue: QUESTION, ...HERE });
  if (clack.isCancel(asked) || asked.trim() === "") return;
  await step(run, "infer", { flags: [["--prompt", asked]] });
}
