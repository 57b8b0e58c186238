/**
 * A process of a bench, which says what it has come to as it goes on.
 *
 * @module
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Forked<News extends { readonly kind: string }> {
  say(what: object): void;
  /** What it says next, which must be of this kind. */
  heard<Kind extends News["kind"]>(kind: Kind): Promise<Extract<News, { kind: Kind }>>;
  stop(): Promise<void>;
}

/** @param file beside this one; it ends when whoever started it is gone */
export function forked<News extends { readonly kind: string }>(file: string, args: readonly string[]): Forked<News> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child: ChildProcess = fork(path, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  return {
    say: (what) => void child.send(what),
    async heard<Kind extends News["kind"]>(kind: Kind) {
      const [news] = (await once(child, "message")) as [News];
      if (news.kind !== kind) throw new Error(`${file} said ${news.kind} and not ${kind}`);
      return news as Extract<News, { kind: Kind }>;
    },
    async stop() {
      const exited = once(child, "exit");
      child.kill();
      await exited;
    },
  };
}
