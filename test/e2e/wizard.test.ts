/**
 * Goal: the first `rbee` at a terminal asks which model shall answer, fetches what was chosen, and never asks again
 *       (FR1-FR3 of wizard/first-run.ts, WZ1-WZ3 of wizard/wizard.ts, RP3 of commands/repl.ts).
 * Method: the program in tmux, with a hub on loopback that has every model on offer under its real name.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { offersFor } from "../../src/cli/wizard/offers.ts";
import { hubName } from "../../src/protocol/model-name.ts";
import { TestHub } from "../support/hub.ts";
import { homeEnvironment, keeper } from "../support/keeper.ts";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";
import { terminal, type Terminal } from "../support/tmux.ts";

const QUESTION = "Which model shall answer?";
const ALL_OFFERS = offersFor({ memoryBytes: 1e12, diskBytes: 1e12, hasGpu: true });

class Newcomer {
  readonly home = join(temporaryFolder(), "home");
  readonly config = join(this.home, "config.yaml");
  readonly mark = join(this.home, "state", "wizard.json");

  begin(env: Readonly<Record<string, string>> = {}): Terminal {
    const here = { TERM: "xterm-256color", LANG: "C.UTF-8", CI: "", RBEE_NO_WIZARD: "", RBEE_HIVE_LISTEN: "" };
    return terminal([], { ...homeEnvironment(this.home), ...here, ...env });
  }

  answered(): unknown {
    return JSON.parse(readFileSync(this.mark, "utf8"));
  }
}

async function hub(): Promise<TestHub> {
  const started = await new TestHub().start();
  const bytes = readFileSync(randomModel());
  for (const { model } of ALL_OFFERS) {
    const { owner = "", repo = "", quant = "" } = hubName(model) ?? {};
    started.put(`${owner}/${repo}`, `${repo}-${quant}.gguf`, bytes);
  }
  return started;
}

describe("the first conversation", needs("tmux"), () => {
  test("RP3 WZ1 WZ3 fetches the model that was chosen, configures it, asks it, and is followed by the conversation", async () => {
    const me = new Newcomer();
    const models = await hub();
    const screen = me.begin(models.env);
    const asked = await screen.shows(QUESTION);
    expect(asked).toContain("suits this machine");
    expect(asked).toContain("GB, Apache-2.0");
    expect(models.served).toEqual([]);
    screen.press("Down");
    screen.press("Enter");
    await screen.shows("Ask it something");
    screen.type(" What's it for?");
    screen.press("Enter");
    // As the terminal breaks long lines.
    const after = (await screen.shows(/^> ?$/m)).replaceAll("\n", "");
    const model = /rbee model download (hf:\S+?:Q4_K_M)/.exec(after)?.[1] ?? "";
    expect(ALL_OFFERS.map((offer) => offer.model)).toContain(model);
    expect(after).toContain(`rbee config set model.default ${model}`);
    expect(after).toContain(`rbee infer --prompt 'What is a hive? What'\\''s it for?'`);
    expect(readFileSync(me.config, "utf8")).toBe(`model:\n  default: ${model}\n`);
    expect(me.answered()).toMatchObject({ answered: "accepted" });
    screen.press("C-d");
    await screen.shows("exit 0");
  });

  test("FR1 WZ2 WZ3 with Enter alone, it is the starter that answers, and nobody is asked again", async () => {
    const me = new Newcomer();
    const models = await hub();
    const first = me.begin(models.env);
    await first.shows(QUESTION);
    first.press("Enter");
    await first.shows("The starter answers for now");
    await first.shows(/^> ?$/m);
    first.press("C-d");
    await first.shows("exit 0");
    expect([models.lists, models.served, existsSync(me.config)]).toEqual([[], [], false]);
    expect(me.answered()).toMatchObject({ schemaVersion: 1, answered: "declined" });
    const second = me.begin(models.env);
    expect(await second.shows(/^> ?$/m)).not.toContain(QUESTION);
  });

  test("WZ2 Ctrl-C at the question declines, and the conversation begins", async () => {
    const me = new Newcomer();
    const screen = me.begin((await hub()).env);
    await screen.shows(QUESTION);
    screen.press("C-c");
    await screen.shows(/^> ?$/m);
    expect(me.answered()).toMatchObject({ answered: "declined" });
  });

  test("WZ2 a hub that has no such model is told with its advice, and the starter answers", async () => {
    const me = new Newcomer();
    const screen = me.begin((await new TestHub().start()).env);
    await screen.shows(QUESTION);
    screen.press("Down");
    screen.press("Enter");
    const told = await screen.shows(/^> ?$/m);
    expect(told).toContain("model.not.found");
    expect(told).toContain("The starter answers for now");
    expect(existsSync(me.config)).toBe(false);
  });

  test("FR2 FR3 with RBEE_NO_WIZARD, with CI, or with any setting of one's own nobody is asked", async () => {
    const all = [{ RBEE_NO_WIZARD: "1" }, { CI: "true" }, { RBEE_WORKER_SLOTS: "2" }];
    const screens = all.map((env) => new Newcomer().begin(env));
    for (const screen of screens) expect(await screen.shows(/^> ?$/m)).not.toContain(QUESTION);
  });

  test("FR2 who has a configuration or a model is not asked", async () => {
    const configured = new Newcomer();
    mkdirSync(configured.home);
    writeFileSync(configured.config, "name: mine\n");
    const supplied = new Newcomer();
    mkdirSync(join(supplied.home, "models", "hf", "a", "b"), { recursive: true });
    writeFileSync(join(supplied.home, "models", "hf", "a", "b", "m.gguf"), readFileSync(randomModel()));
    const begun = [configured, supplied].map((me) => [me, me.begin()] as const);
    for (const [me, screen] of begun) {
      expect(await screen.shows(/^> ?$/m)).not.toContain(QUESTION);
      expect(existsSync(me.mark)).toBe(false);
    }
  });
});

test("FR3 without a terminal nothing is asked, and the answer stands alone on stdout", async () => {
  const child = keeper([], { input: "What is a hive?\n", env: { RBEE_NO_WIZARD: "", CI: "" } });
  expect([await child.exitCode, child.stderr]).toEqual([0, ""]);
  expect(child.stdout).not.toContain(QUESTION);
});
