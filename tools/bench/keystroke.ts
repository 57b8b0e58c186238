/**
 * How long a key takes to its letter on the screen while six talk, and while nobody does.
 *
 * The program runs at a terminal (util-linux `script` makes one), with its own node, as a person starts it; the model
 * behind all six is a server that gives each a token every thirtieth of a second. Each letter is one that nothing else
 * on that screen has, so its first sight behind the key is its echo.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { BackendStart } from "./backend.ts";
import { type Bench, bounded, percentile, type Print } from "./measure.ts";
import { inTemporaryFolder } from "./node-process.ts";
import { Program } from "./program.ts";
import { PtyProgram } from "./pty-program.ts";

export interface KeystrokeSizes {
  readonly speakers: number;
  /** Of each line; as many as a draft of 320 tokens has time for. */
  readonly keys: number;
  readonly lines: number;
}

const SIZES: KeystrokeSizes = { speakers: 6, keys: 20, lines: 16 };
/** One frame of a screen that shows sixty a second. */
const ECHO_MS_MAX = 16;
const TOKEN_EVERY_MS = 33;
/** A quick hand, never in step with the tokens. */
const KEY_EVERY_MS = { least: 20, more: 30 } as const;
const MODEL = "nothing";
/** No word of the program, no name and no token has one of these. */
const LETTERS = "QZXJKVWUYGFBHNP#%&=+".split("");
const CLEAR_LINE = "\u0015";
const STOP = "\u0003";
const LEAVE = "\u0004";
const GONE_MS = 100;

export const keystrokeBench = (sizes: KeystrokeSizes = SIZES): Bench => ({
  name: "keystroke",
  async run(print) {
    await inTemporaryFolder(async (home) => {
      const start: BackendStart = { model: MODEL, tokenEveryMs: TOKEN_EVERY_MS };
      const backend = await Program.start("backend.ts", start);
      writeHome(home, Number(backend.said), sizes.speakers);
      const program = PtyProgram.start(home, []);
      try {
        await program.shows("/help lists");
        const quiet = await typed(program, sizes);
        const below = await whileTheyTalk(program, sizes);
        tell(print, quiet, below, sizes);
        await program.leave(LEAVE);
      } finally {
        program.end();
        backend.end();
      }
    });
  },
});

function writeHome(home: string, port: number, speakers: number): void {
  const names = Array.from({ length: speakers }, (_, index) => `speaker-${index + 1}`);
  const folder = join(home, "specialists");
  mkdirSync(folder);
  for (const name of names)
    writeFileSync(join(folder, `${name}.md`), `---\nname: ${name}\ncolour: blue\nduty: talks\n---\nTalk.\n`);
  const endpoint = `endpoints:\n  bench: { url: "http://127.0.0.1:${port}/v1/" }\n`;
  const model = `model:\n  default: openai:${MODEL}@bench\nworker:\n  slots: ${speakers}\n`;
  const team = `team:\n  specialists: ${names.join(",")}\n`;
  writeFileSync(join(home, "config.yaml"), endpoint + model + team);
}

/** As many lines as were asked for, each of which is thrown away. @returns how long each key took, line by line */
async function typed(program: PtyProgram, { keys, lines }: KeystrokeSizes): Promise<number[][]> {
  const all: number[][] = [];
  for (let line = 0; line < lines; line += 1) all.push(await typedLine(program, keys));
  return all;
}

async function typedLine(program: PtyProgram, keys: number): Promise<number[]> {
  const tookMs: number[] = [];
  for (const letter of LETTERS.slice(0, keys)) {
    tookMs.push(await program.echoMs(letter));
    await pause(KEY_EVERY_MS.least + Math.random() * KEY_EVERY_MS.more);
  }
  program.type(CLEAR_LINE);
  // What was drawn before the line was thrown away may still be on its way, and has its letters.
  await pause(GONE_MS);
  return tookMs;
}

/** Their drafts are as long as a turn may be; when those are said they are stopped, and asked again. */
async function whileTheyTalk(program: PtyProgram, { speakers, keys, lines }: KeystrokeSizes): Promise<number[][]> {
  const all: number[][] = [];
  while (all.length < lines) {
    program.type("/discuss shall it be one large hive or are two smaller ones better\r");
    await program.shows(`speaker-${speakers} 1 `);
    const untilMs = performance.now() + DRAFT_MS;
    while (all.length < lines && performance.now() < untilMs) all.push(await typedLine(program, keys));
    program.type(STOP);
    await program.shows("(stopped)");
  }
  return all;
}

/** So long six drafts are sure to stream, less the time that a line takes. */
const DRAFT_MS = 7_000;

function tell(
  print: Print,
  quiet: readonly number[][],
  below: readonly number[][],
  { speakers }: KeystrokeSizes,
): void {
  for (const [name, share] of [
    ["p50", 0.5],
    ["p99", 0.99],
  ] as const) {
    const value = percentile(below.flat(), share);
    const baseline = percentile(quiet.flat(), share);
    const values = below.map((line) => percentile(line, share));
    const line = { bench: "keystroke", case: `echo-x${speakers}-${name}`, unit: `ms ${name}`, values, value, baseline };
    print(bounded({ ...line, atMost: ECHO_MS_MAX }));
  }
}
