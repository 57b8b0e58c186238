/**
 * Goal: a thread starts with the modules of its own role, and finds them compiled (B3 of bees.ts, CE2 of
 *       child-environment.ts).
 * Method: real threads, with a hook that writes down what is loaded in them.
 */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { BeeRole } from "../../../../src/hosts/bees/bee-messages.ts";
import { beeStarts } from "../../../../src/hosts/bees/bee-start.ts";
import { BeeThread } from "../../../../src/hosts/bees/thread.ts";
import { loadConfig } from "../../../../src/runtime/config/load.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const RECORDER = new URL("../../../support/loaded-modules.ts", import.meta.url).href;
const OPENED_WITHIN_MS = 20_000;

const TEAM = { frame: "", summarizer: { name: "summarizer", colour: "", hash: "", place: "local", body: "" } } as const;

/** Starts the thread of the role and ends it. */
async function liveOnce(role: BeeRole): Promise<void> {
  const home = temporaryFolder();
  const { config, paths } = loadConfig({ flags: {}, env: { RBEE_HOME: home }, cwd: home });
  mkdirSync(paths.state, { recursive: true });
  const start = beeStarts({ config, paths, hive: "hive", team: TEAM }).find((each) => each.role === role);
  if (start === undefined) throw new Error(`nobody is ${role}`);
  const opened = Promise.withResolvers<void>();
  const failed = (): void => opened.reject(new Error(`the thread of ${role} did not open`));
  const thread = new BeeThread(start, {
    opened: () => opened.resolve(),
    frames: () => {},
    crashed: failed,
    wedged: failed,
    hopeless: failed,
  });
  const timer = setTimeout(failed, OPENED_WITHIN_MS);
  await opened.promise.finally(() => clearTimeout(timer));
  await thread.close();
}

const HEARTS: Readonly<Record<BeeRole, string>> = {
  queen: "/src/actors/queen/behaviour.ts",
  hive: "/src/actors/hive/behaviour.ts",
  store: "/src/actors/team/library.ts",
  thinkers: "/src/actors/team/specialist.ts",
};

test.for(Object.keys(HEARTS) as BeeRole[])(
  "B3 the thread of %s loads what it runs, and no other role",
  async (role) => {
    const list = join(temporaryFolder(), "loaded");
    vi.stubEnv("NODE_OPTIONS", `--import=${RECORDER}`).stubEnv("LOADED_MODULES", list);
    onTestFinished(() => void vi.unstubAllEnvs());
    await liveOnce(role);
    const loaded = readFileSync(list, "utf8").split("\n");
    const hearts = Object.values(HEARTS).filter((heart) => loaded.some((url) => url.endsWith(heart)));
    expect(hearts).toEqual([HEARTS[role]]);
    expect(loaded.some((url) => url.includes("/node_modules/lmdb/"))).toBe(role !== "thinkers");
  },
);

test("CE2 a thread keeps what it compiled where this process does, for the next start", async () => {
  const cache = temporaryFolder();
  enableCompileCache(cache);
  await liveOnce("hive");
  expect(readdirSync(cache, { recursive: true }).length).toBeGreaterThan(20);
});
