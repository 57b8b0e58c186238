/**
 * Goal: CW1 of completion/words.ts and CS1 of completion/bash.ts: Tab offers what may stand there, in real shells.
 * Method: the script that the program prints, read by bash, zsh and fish, which are asked what they would offer.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/commands.mjs";
import { SETTING_KEYS } from "../../src/runtime/config/settings.ts";
import { keeper } from "../support/keeper.ts";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";

const WORDS_OF_ALL = [...new Set(COMMANDS.flatMap(({ group, name }) => (group ?? name) || [])), "help"];

/** What a shell offers at the end of each line; one start of the shell for all of them. */
type Offer = (...lines: readonly string[]) => readonly (readonly string[])[];

async function script(shell: string): Promise<string> {
  const printed = keeper(["completion", shell]);
  expect([await printed.exitCode, printed.stderr]).toEqual([0, ""]);
  return printed.stdout;
}

/** As readline does it: the line in COMP_LINE, the answer in COMPREPLY. */
async function bash(env: Readonly<Record<string, string>> = {}): Promise<Offer> {
  const file = join(temporaryFolder(), "rbee.bash");
  writeFileSync(file, await script("bash"));
  const offer = `
    source ${file}
    compopt() { :; }
    for line in "$@"; do
      COMP_LINE="$line" COMP_POINT=\${#line} COMPREPLY=()
      $(complete -p rbee | sed -n 's/.*-F \\([^ ]*\\) .*/\\1/p')
      echo "\${COMPREPLY[*]}"
    done`;
  return (...lines) => offered("bash", ["--norc", "-c", offer, "bash", ...lines], env);
}

function offered(shell: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const printed = execFileSync(shell, args, { encoding: "utf8", env: { ...process.env, ...env } });
  return printed
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => line.split(" ").filter(Boolean));
}

describe("bash", needs("bash"), () => {
  test("CW1 every command is offered, and after a group its own", async () => {
    const [first, worker, stop] = (await bash())("rbee ", "rbee worker ", "rbee worker sto");
    expect(first?.toSorted()).toEqual(WORDS_OF_ALL.toSorted());
    const own = COMMANDS.filter(({ group }) => group === "worker").flatMap(({ name, aliases = [] }) => [
      name,
      ...aliases,
    ]);
    expect(worker).toEqual(own);
    expect(stop).toEqual(["stop"]);
  });

  test("CW1 every option of every command is offered, and none of another", async () => {
    const all = COMMANDS.filter(({ name }) => name !== "");
    const lines = all.map(({ group, name }) => `rbee ${[group, name].filter(Boolean).join(" ")} -`);
    const found = (await bash())(...lines, "rbee -", "rbee config -");
    for (const [at, { options }] of [...all.entries()]) {
      const flags = options.flatMap(({ flag, short }) => (short === undefined ? [flag] : [flag, short]));
      expect([lines[at], found[at]]).toEqual([lines[at], [...flags, "--help", "-h", "--version"]]);
    }
    expect(found.slice(-2)).toEqual([
      ["--lines", "--model", "--help", "-h", "--version"],
      ["--help", "-h", "--version"],
    ]);
  });

  test("values are offered where they are known, and files where a file is meant", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "inner"));
    writeFileSync(join(folder, "mine.yaml"), "");
    const [keys, idle, format, shell, file, nothing] = (await bash())(
      "rbee config set ",
      "rbee config set worker.id",
      "rbee machines --format ",
      "rbee completion ",
      `rbee config validate ${folder}/m`,
      "rbee infer --max-tokens ",
    );
    expect(keys).toEqual(SETTING_KEYS);
    expect([idle, format, shell]).toEqual([
      ["worker.idleTimeout"],
      ["mermaid", "svg", "json"],
      ["bash", "zsh", "fish"],
    ]);
    expect(file).toEqual([join(folder, "mine.yaml")]);
    expect(nothing).toEqual([]);
  });

  test(
    "CS1 what only a node knows is asked of it, and one that does not answer holds nobody",
    needs("timeout"),
    async () => {
      const folder = temporaryFolder();
      const fake = (name: string, text: string): void => {
        writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
        chmodSync(join(folder, name), 0o755);
      };
      const offer = await bash({ PATH: [folder, process.env["PATH"]].join(delimiter) });
      fake("rbee", `echo '{"workers":[{"id":"w-1"},{"id":"w-22"}]}'`);
      expect(offer("rbee worker stop ", "rbee worker logs w-2")).toEqual([["w-1", "w-22"], ["w-22"]]);
      fake("rbee", "exec sleep 30");
      const startedMs = performance.now();
      expect(offer("rbee worker stop ")).toEqual([[]]);
      expect(performance.now() - startedMs).toBeLessThan(3_000);
    },
  );

  test("models that are here are offered, by their names and with the colon in them", async () => {
    const home = temporaryFolder();
    mkdirSync(join(home, "models", "hf", "own", "repo"), { recursive: true });
    writeFileSync(join(home, "models", "hf", "own", "repo", "m.gguf"), "");
    const offer = await bash({ RBEE_HOME: home });
    expect(offer("rbee infer --model ", "rbee infer --model hf:ow", "rbee infer --model hf:x")).toEqual([
      ["starter", "hf:own/repo/m.gguf"],
      ["own/repo/m.gguf"],
      [],
    ]);
  });

  test("what a real node says of its workers is understood", needs("timeout"), async () => {
    const home = join(temporaryFolder(), "home");
    const node = keeper(["node", "--json", "--listen", "127.0.0.1:0"], { home });
    await node.shows('"ready":true');
    const spawned = keeper(["worker", "spawn", "--model", "starter", "--json"], { home });
    await spawned.exitCode;
    const { worker } = JSON.parse(spawned.stdout) as { worker: string };
    const listed = keeper(["worker", "list", "--json"], { home });
    await listed.exitCode;
    const folder = temporaryFolder();
    writeFileSync(join(folder, "said"), listed.stdout);
    writeFileSync(join(folder, "rbee"), `#!/bin/sh\ncat ${folder}/said\n`, { mode: 0o755 });
    const offer = await bash({ PATH: [folder, process.env["PATH"]].join(delimiter) });
    expect(offer("rbee worker stop ")[0]).toContain(worker);
  });
});

describe("other shells", () => {
  test("CW1 fish offers commands, options and values", needs("fish"), async () => {
    const file = join(temporaryFolder(), "rbee.fish");
    writeFileSync(file, await script("fish"));
    const offer = (line: string): string[] =>
      execFileSync("fish", ["--no-config", "-c", `source ${file}; complete -C '${line}'`], { encoding: "utf8" })
        .trimEnd()
        .split("\n")
        .map((row) => row.split("\t", 1)[0] ?? "");
    expect(offer("rbee ").toSorted()).toEqual(WORDS_OF_ALL.filter((word) => word !== "help").toSorted());
    expect(offer("rbee worker sto")).toEqual(["stop"]);
    expect(offer("rbee worker logs w-1 --f")).toEqual(["--follow"]);
    expect(offer("rbee machines --format ").toSorted()).toEqual(["json", "mermaid", "svg"]);
    expect(offer("rbee config set worker.idle")).toEqual(["worker.idleTimeout"]);
    expect(offer("rbee infer --model sta")).toEqual(["starter"]);
  });

  test("CW1 zsh offers commands, options and values", needs("zsh"), async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "rbee.zsh"), await script("zsh"));
    // The pseudo-terminal of zsh itself: a line is typed, Tab is pressed, and what is listed is read.
    const ask = `
      zmodload zsh/zpty
      zpty z zsh -f -i
      zpty -w z "PS1=; autoload -Uz compinit && compinit -u -d $1/dump; source $1/rbee.zsh; echo IS-READY"
      until zpty -r z line && [[ $line == *IS-READY* && $line != *echo* ]]; do :; done
      zpty -w -n z "$2"$'\\t\\t'
      zpty -r -m z answer '*svg*'
      print -r -- "$answer"
      zpty -d z`;
    const answer = execFileSync("zsh", ["-f", "-c", ask, "zsh", folder, "rbee machines --format "], {
      encoding: "utf8",
      timeout: 15_000,
      env: { ...process.env, TERM: "dumb" },
    });
    for (const word of ["mermaid", "svg", "json"]) expect(answer).toContain(word);
  });

  test("an unknown shell is exit 2, and the known ones are named", async () => {
    const asked = keeper(["completion", "cmd"]);
    expect(await asked.exitCode).toBe(2);
    expect(asked.stderr).toContain("bash, zsh, fish");
  });
});
