/**
 * Goal: TP1-TP5 of prompts.ts, TK1-TK4 of thinkers.ts, and that the shipped thinkers are short and complete.
 * Method: real files in a folder of their own beside a configuration; the shipped ones as they are.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPart, type Thinker } from "../../../../src/hosts/team/prompts.ts";
import { everyone, readTeam, teamNames } from "../../../../src/hosts/team/thinkers.ts";
import { errorData, type ErrorData } from "../../../../src/protocol/errors.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const SHIPPED_TEAM = ["divergent", "convergent", "critical"];
const PARTS = ["queen", "sample", "summarizer", "frame"] as const;

interface Home {
  readonly configFile: string;
  readonly folder: string;
  write(name: string, text: string | Uint8Array): string;
}

function home(): Home {
  const root = temporaryFolder();
  const folder = join(root, "specialists");
  mkdirSync(folder);
  const write = (name: string, text: string | Uint8Array): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return { configFile: join(root, "config.yaml"), folder, write };
}

const fileOf = (fields: string, body = "Think of bees.\n"): string => `---\n${fields}\n---\n${body}`;
const KEEPER = "name: keeper\nduty: thinks of the bees";

function failureOf(run: () => unknown): ErrorData {
  try {
    run();
  } catch (error) {
    return errorData(error);
  }
  throw new Error("it was accepted");
}

describe("the shipped thinkers", () => {
  /** Nobody is there besides them. */
  const configFile = "/nowhere/config.yaml";
  const shipped = (): readonly Thinker[] => [...everyone(configFile), ...PARTS.map((part) => readPart(part))];

  test("are three specialists in three colours, and a roster of whom each has a model, a place and a duty", () => {
    const team = readTeam(undefined, configFile);
    expect(team.map(({ name, colour }) => [name, colour])).toEqual([
      ["divergent", "blue"],
      ["convergent", "green"],
      ["critical", "red"],
    ]);
    const roster = everyone(configFile).filter(({ name }) => !SHIPPED_TEAM.includes(name));
    expect(roster.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["code-reviewer", "documentation-manager", "research-assistant", "scribe", "task-router"]),
    );
    expect(roster.every(({ model }) => model !== undefined)).toBe(true);
    const local = roster.filter(({ place }) => place === "local").map(({ name }) => name);
    expect(local).toEqual(expect.arrayContaining(["scribe", "documentation-manager", "code-reviewer"]));
  });

  test("say what they have to say to a small model in fewer than 120 words", () => {
    for (const { name, body } of shipped()) expect(body.split(/\s+/).length, name).toBeLessThan(120);
  });

  test("TP4 are who they were: a change of a prompt is seen here", () => {
    const hashes = Object.fromEntries(shipped().map(({ name, hash }) => [name, hash.slice(0, 16)]));
    expect(hashes).toMatchInlineSnapshot(`
      {
        "bug-tracker": "6228ad2961a49796",
        "changelog-writer": "395c63a6f34844e5",
        "code-reviewer": "6d0dab0aff8064d8",
        "convergent": "478591e6fe64e292",
        "critical": "37b78e91fb3bb3bb",
        "divergent": "99786ebbe31658dd",
        "documentation-manager": "84f05b9768eb1cb7",
        "frame": "f5807fdd1f299dc0",
        "performance-analyst": "3756f89c67a20802",
        "queen": "41216185a071768f",
        "research-assistant": "80154291106a3462",
        "sample": "f53885ddcf7c0f3a",
        "scribe": "ea9938559edeea8c",
        "security-auditor": "5175e2f4095ba44e",
        "summarizer": "40d820e4a08b037a",
        "task-router": "610cfe2fd1c102bc",
        "test-generator": "1c5c73c84ab6b3a6",
      }
    `);
  });
});

describe("a user's own specialist", () => {
  test("TK1 TP1 is in the next discussion as soon as its file is there, changes with it, and goes with it", () => {
    const { configFile, write } = home();
    const names = (): readonly string[] => readTeam(undefined, configFile).map(({ name }) => name);
    expect(names()).toEqual(SHIPPED_TEAM);
    const file = write("keeper.md", fileOf(`${KEEPER}\ncolour: cyan\ncontributionsMax: 2\ntools: [arithmetic]`));
    expect(names()).toEqual([...SHIPPED_TEAM, "keeper"]);
    const [before] = readTeam(["keeper"], configFile);
    expect(before).toMatchObject({
      name: "keeper",
      colour: "cyan",
      model: undefined,
      place: "any",
      contributionsMax: 2,
      tools: ["arithmetic"],
      duty: "thinks of the bees",
      body: "Think of bees.",
    });
    write("keeper.md", fileOf(KEEPER, "Think of honey.\n"));
    const [after] = readTeam(["keeper"], configFile);
    expect(after?.body).toBe("Think of honey.");
    expect(after?.hash).not.toBe(before?.hash);
    rmSync(file);
    expect(names()).not.toContain("keeper");
  });

  test("TK2 of a shipped name is taken in place of the shipped one", () => {
    const { configFile, write } = home();
    write("critical.md", fileOf("name: critical\nduty: is kind\ncolour: magenta", "Be kind.\r\n"));
    const [critical] = readTeam(["critical"], configFile);
    expect(critical).toMatchObject({ body: "Be kind.", colour: "magenta" });
    expect(everyone(configFile).filter(({ name }) => name === "critical")).toEqual([critical]);
    expect(teamNames(undefined, configFile)).toEqual(SHIPPED_TEAM);
  });

  test("TK3 a role of the roster discusses where it is named, and the user's file of that name is taken", () => {
    const { configFile, write } = home();
    expect(teamNames(undefined, configFile)).not.toContain("scribe");
    expect(readTeam(["scribe", "critical"], configFile).map(({ name }) => name)).toEqual(["scribe", "critical"]);
    write("scribe.md", fileOf("name: scribe\nduty: x", "Write it down."));
    expect(readTeam(["scribe"], configFile)[0]?.body).toBe("Write it down.");
  });

  test("TP4 has the same hash wherever its bytes lie", () => {
    const hashIn = ({ configFile, write }: Home): string | undefined => {
      write("keeper.md", fileOf(KEEPER));
      return readTeam(["keeper"], configFile)[0]?.hash;
    };
    expect(hashIn(home())).toBe(hashIn(home()));
  });

  test("TP5 is taken apart once for each of its bytes, and again when one of them is another, whatever its times say", () => {
    const { configFile, write } = home();
    const itsWords = (body: string): Thinker | undefined => {
      const file = write("keeper.md", fileOf(KEEPER, body));
      utimesSync(file, 1_700_000_000, 1_700_000_000);
      return readTeam(["keeper"], configFile)[0];
    };
    const first = itsWords("Think of bees.");
    expect(itsWords("Think of bees.")).toBe(first);
    expect(itsWords("Think of wasp.")?.body).toBe("Think of wasp.");
    write("keeper.md", "nothing");
    expect(failureOf(() => readTeam(["keeper"], configFile)).code).toBe("specialist.invalid");
    expect(itsWords("Think of bees.")).toEqual(first);
  });

  test("TK1 the team comes in the order in which it is named, and nobody else is looked at", () => {
    const { configFile, write } = home();
    write("broken.md", "nothing");
    expect(readTeam(["critical", "divergent"], configFile).map(({ name }) => name)).toEqual(["critical", "divergent"]);
    expect(failureOf(() => readTeam(["critcal"], configFile))).toMatchObject({
      code: "specialist.invalid",
      message: expect.stringContaining("the nearest is critical"),
    });
    expect(failureOf(() => readTeam(undefined, configFile)).message).toContain("broken.md");
  });
});

describe("specialist.invalid: what is wrong with a file is named with it", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["no front matter", "Think.\n", "front matter"],
    ["front matter without an end", "---\nname: keeper\n", "front matter"],
    ["nothing", "", "front matter"],
    ["an unknown key", fileOf(`${KEEPER}\ncolor: red`), "unknown key color; the nearest is colour"],
    ["a duty that is written wrong", fileOf("name: keeper\ndutty: x"), "unknown key dutty; the nearest is duty"],
    ["no name", fileOf("duty: x"), "name: expected small letters"],
    ["another name", fileOf("name: other\nduty: x"), "name: expected keeper"],
    ["no duty", fileOf("name: keeper"), "duty: expected one line"],
    ["a duty of two lines", fileOf("name: keeper\nduty: |\n  a\n  b"), "duty: expected one line"],
    ["a colour that is none", fileOf(`${KEEPER}\ncolour: beige`), "colour: expected one of blue"],
    ["a place that is none", fileOf(`${KEEPER}\nplace: home`), "place: expected local or any"],
    ["too many contributions", fileOf(`${KEEPER}\ncontributionsMax: 1000`), "contributionsMax: expected a whole"],
    ["tools that are no list", fileOf(`${KEEPER}\ntools: 1`), "tools: expected a list"],
    ["a tool that is none", fileOf(`${KEEPER}\ntools: [web]`), "tools: expected a list of tools; there is arithmetic"],
    ["a list", fileOf("- a"), "key: value"],
    ["broken YAML", fileOf("name: ["), "not valid YAML"],
    ["an alias", fileOf("name: &a keeper\nduty: *a"), "an alias has no place"],
    ["no instructions", fileOf(KEEPER, " \n"), "says nothing below"],
    ["too much", fileOf(KEEPER, "word ".repeat(4_000)), "larger than 16384 bytes"],
  ];
  test.each(cases)("TP2 %s", (_, text, says) => {
    const { configFile, write } = home();
    const file = write("keeper.md", text);
    for (const read of [() => readTeam(["keeper"], configFile), () => everyone(configFile)]) {
      const error = failureOf(read);
      expect(error).toMatchObject({ code: "specialist.invalid", details: { file } });
      expect(error.message).toContain(`${file}: `);
      expect(error.message).toContain(says);
    }
  });

  test("TP3 a link, a pipe, a folder and a file that may not be read are named and not read", () => {
    const { configFile, folder, write } = home();
    const elsewhere = join(folder, "elsewhere.txt");
    writeFileSync(elsewhere, fileOf("name: link\nduty: x"));
    symlinkSync(elsewhere, join(folder, "link.md"));
    mkdirSync(join(folder, "folder.md"));
    execFileSync("mkfifo", [join(folder, "pipe.md")]);
    const says = (name: string): string => failureOf(() => readTeam([name], configFile)).message;
    expect(says("link")).toContain(`${join(folder, "link.md")}: is a link`);
    expect(says("folder")).toContain(`${join(folder, "folder.md")}: is no plain file`);
    expect(says("pipe")).toContain(`${join(folder, "pipe.md")}: is no plain file`);
    chmodSync(write("closed.md", fileOf("name: closed\nduty: x")), 0);
    // The superuser may read everything.
    if (process.getuid?.() !== 0) expect(says("closed")).toContain("cannot be read (EACCES)");
  });

  test("TP2 TK4 a file of a name that nobody can have, bytes that are no text, and a folder that is none", () => {
    const { configFile, folder, write } = home();
    write("keeper.md", new Uint8Array([0x2d, 0x2d, 0x2d, 0x0a, 0xff]));
    expect(failureOf(() => readTeam(["keeper"], configFile)).message).toContain("is not UTF-8");
    write("My Keeper.md", fileOf(KEEPER));
    expect(failureOf(() => everyone(configFile)).message).toContain("My Keeper.md: its name");
    rmSync(folder, { recursive: true });
    expect(teamNames(undefined, configFile)).toHaveLength(3);
    writeFileSync(folder, "");
    expect(failureOf(() => teamNames(undefined, configFile)).message).toContain(`${folder}: cannot be read`);
  });

  test("TK4 more than can listen to each other do not discuss, unless those are named who do", () => {
    const { configFile, folder, write } = home();
    for (let n = 0; n < 14; n++) write(`keeper-${n}.md`, fileOf(`name: keeper-${n}\nduty: x`));
    const { code, message } = failureOf(() => readTeam(undefined, configFile));
    expect(code).toBe("specialist.invalid");
    expect(message).toBe(`${folder}: 17 would discuss, and at most 16 can: name them in team.specialists`);
    expect(readTeam(["keeper-3"], configFile)).toHaveLength(1);
  });

  test("TK4 a folder of more files than a person keeps apart is refused", () => {
    const { configFile, write } = home();
    for (let n = 0; n < 64; n++) write(`keeper-${n}.md`, fileOf(`name: keeper-${n}\nduty: x`));
    write(".hidden.md", "");
    write("notes.txt", "");
    expect(teamNames(undefined, configFile)).toHaveLength(67);
    write("keeper-64.md", fileOf("name: keeper-64\nduty: x"));
    expect(failureOf(() => everyone(configFile)).message).toContain("holds more than 64 files");
  });

  test("TP2 whatever stands in a file is taken, or refused with its name", () => {
    const { configFile, write } = home();
    const noise = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.constantFrom(KEEPER, "---", "__proto__: 1"),
    );
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 5 }), (lines) => {
        const file = write("keeper.md", `---\n${lines.join("\n")}\n---\nThink.\n`);
        try {
          expect(readTeam(["keeper"], configFile)[0]?.name).toBe("keeper");
        } catch (thrown) {
          expect(errorData(thrown)).toMatchObject({ code: "specialist.invalid", details: { file } });
        }
      }),
      { numRuns: 300 },
    );
  });
});
