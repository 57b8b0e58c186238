/**
 * What the launcher's tests put in place of src/cli/main.ts: a program that tells what it was given.
 *
 * The first argument is a verb: `echo` repeats argv and stdin, `exit N` returns N, `die SIGNAL` dies of it, `listen`
 * prints each signal it gets and ends with SIGTERM, `block` never returns to its event loop.
 *
 * @module
 */
import { writeSync } from "node:fs";
import { text } from "node:stream/consumers";

export async function main(argv: readonly string[]): Promise<number> {
  const [verb, argument] = argv;
  switch (verb) {
    case "echo":
      say({ argv, node: process.versions.node, stdin: await text(process.stdin), env: Object.keys(process.env) });
      return 0;
    case "exit":
      return Number(argument);
    case "die":
      process.kill(process.pid, argument);
      return new Promise(() => setInterval(() => {}, 1_000));
    case "listen":
      return listen();
    case "block":
      say({ pid: process.pid });
      for (;;);
    default:
      throw new Error(`${verb}: unknown verb`);
  }
}

function listen(): Promise<number> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {}, 1_000);
    const hear = (signal: NodeJS.Signals): void => {
      say({ signal });
      if (signal !== "SIGTERM") return;
      clearInterval(timer);
      resolve(143);
    };
    process.on("SIGINT", hear).on("SIGHUP", hear).on("SIGTERM", hear);
    say({ pid: process.pid });
  });
}

const say = (fact: unknown): void => {
  writeSync(1, `${JSON.stringify(fact)}\n`);
};
