/**
 * Goal: L1-L3 of load.ts, F1-F2 of file.ts, C1-C3 of settings.ts and P1-P2 of paths.ts.
 * Method: real files in a folder of their own; a property over every way to spread one key over the sources.
 */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorData, type ErrorData } from "../../../src/protocol/errors.ts";
import { readSettings } from "../../../src/runtime/config/file.ts";
import { loadConfig, type LoadedConfig, type Sources } from "../../../src/runtime/config/load.ts";
import { findPaths, makeFolders } from "../../../src/runtime/config/paths.ts";
import { environmentName, SETTING_KEYS } from "../../../src/runtime/config/settings.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const EXAMPLE = new URL("../../../config.example.yaml", import.meta.url).pathname;

interface Place {
  readonly home: string;
  readonly cwd: string;
  readonly userFile: string;
  readonly folderFile: string;
  load(also?: Partial<Sources>): LoadedConfig;
  failure(also?: Partial<Sources>): ErrorData;
}

/** A home and a working folder with the given files in them. */
function place(files: { readonly user?: string; readonly folder?: string; readonly dotEnv?: string } = {}): Place {
  const root = temporaryFolder();
  const [home, cwd] = [join(root, "home"), join(root, "cwd")];
  mkdirSync(home);
  mkdirSync(cwd);
  const [userFile, folderFile] = [join(home, "config.yaml"), join(cwd, "rbee.yaml")];
  if (files.user !== undefined) writeFileSync(userFile, files.user);
  if (files.folder !== undefined) writeFileSync(folderFile, files.folder);
  if (files.dotEnv !== undefined) writeFileSync(join(home, ".env"), files.dotEnv);
  const load = (also: Partial<Sources> = {}): LoadedConfig =>
    loadConfig({ flags: {}, cwd, ...also, env: { RBEE_HOME: home, ...also.env } });
  const failure = (also?: Partial<Sources>): ErrorData => {
    try {
      load(also);
    } catch (error) {
      return errorData(error);
    }
    throw new Error("the configuration was accepted");
  };
  return { home, cwd, userFile, folderFile, load, failure };
}

describe("the order of sources", () => {
  test("L1 whichever sources name a key, the first of flag, environment, folder, user, default has it", () => {
    const { userFile, folderFile, load } = place();
    const value = fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: undefined });
    fc.assert(
      fc.property(value, value, value, value, (flag, env, folder, user) => {
        const yaml = (n: number | undefined): string => (n === undefined ? "" : `queue:\n  lengthMax: ${n}\n`);
        writeFileSync(folderFile, yaml(folder));
        writeFileSync(userFile, yaml(user));
        const { config, origins } = load({
          flags: flag === undefined ? {} : { "queue.lengthMax": String(flag) },
          env: { RBEE_QUEUE_LENGTH_MAX: env?.toString() },
        });
        expect(config.queue.lengthMax).toBe(flag ?? env ?? folder ?? user ?? 1_000);
        const kinds = ["flag", "environment", "folder", "user", "default"];
        const first = [flag, env, folder, user, 0].findIndex((n) => n !== undefined);
        expect(origins.get("queue.lengthMax")?.origin.kind).toBe(kinds[first]);
      }),
      { numRuns: 60 },
    );
  });

  test("L1 sources are merged key by key, not file by file", () => {
    const { load } = place({ user: "worker:\n  slots: 2\n  threads: 6\n", folder: "worker:\n  slots: 8\n" });
    expect(load().config.worker).toMatchObject({ slots: 8, threads: 6, contextTokens: 4_096 });
  });

  test("worker.threads is a number, or left to the hive, who knows the cores and what has them", () => {
    const threads = (text: string | undefined) =>
      place().load({ env: { RBEE_WORKER_THREADS: text } }).config.worker.threads;
    expect([threads(undefined), threads("auto"), threads("6")]).toEqual(["auto", "auto", 6]);
    for (const wrong of ["0", "many", "1.5", "1025"]) expect(() => threads(wrong)).toThrow("expected auto or a whole");
  });

  test("limits.connections is a number, or follows what the machine has room for", () => {
    const connections = (text: string | undefined) =>
      place().load({ env: { RBEE_LIMITS_CONNECTIONS: text } }).config.limits.connections;
    expect([connections(undefined), connections("auto"), connections("20000")]).toEqual(["auto", "auto", 20_000]);
    for (const wrong of ["0", "15", "all", "1000001"]) expect(() => connections(wrong)).toThrow("expected auto or");
  });

  test("every key can be set from the environment under its own name", () => {
    expect(environmentName("worker.idleTimeout")).toBe("RBEE_WORKER_IDLE_TIMEOUT");
    const { load } = place();
    const { config } = load({
      env: { RBEE_WORKER_IDLE_TIMEOUT: "90s", RBEE_LISTEN: "[::1]:0", RBEE_WORKER_SLOTS: "7" },
    });
    expect(config.worker).toMatchObject({ idleTimeoutMs: 90_000, slots: 7 });
    expect(config.listen).toEqual({ host: "::1", port: 0, asked: true });
  });

  test("L3 the .env beside the user's file counts as environment, and the process's own wins over it", () => {
    const { load } = place({
      dotEnv: "RBEE_WORKER_SLOTS=9\nRBEE_NAME=from-dotenv\nQUEUE=77\n",
      user: "queue:\n  lengthMax: ${QUEUE}\n",
    });
    const { config } = load({ env: { RBEE_NAME: "from-process" } });
    expect(config).toMatchObject({ name: "from-process", queue: { lengthMax: 77 }, worker: { slots: 9 } });
  });

  test("a port that nobody asked for may move, one that was asked for may not", () => {
    expect(place().load().config.listen.asked).toBe(false);
    expect(place({ user: "listen: 127.0.0.1:8080\n" }).load().config.listen.asked).toBe(true);
  });

  test("RBEE_CONFIG names the user's file, and one that does not exist is an error", () => {
    const { home, load, failure } = place({ user: "worker:\n  slots: 2\n" });
    const other = join(home, "other.yaml");
    expect(failure({ env: { RBEE_CONFIG: other } })).toMatchObject({ code: "config.invalid" });
    writeFileSync(other, "worker:\n  slots: 3\n");
    expect(load({ env: { RBEE_CONFIG: other } }).config.worker.slots).toBe(3);
  });
});

describe("what is wrong is named with its place", () => {
  const cases: readonly (readonly [string, string, number, string])[] = [
    ["an unknown key", "worker:\n  slots: 2\n  idleTimout: 5m\n", 3, "worker.idleTimeout"],
    ["an unknown group", "# a comment\nworkers:\n  slots: 2\n", 2, "the nearest is worker"],
    ["a key without its group", "\n\nslots: 2\n", 3, "worker.slots"],
    ["a wrong type", "worker:\n  slots: many\n", 2, "whole number from 1 to 256"],
    ["a number that is text", 'worker:\n  slots: "4"\n', 2, "whole number"],
    ["a duration without unit", "worker:\n  idleTimeout: 300\n", 2, "such as 250ms, 30s"],
    ["a port without host", "listen: 8080\n", 1, "HOST:PORT"],
    ["a hive's door for others", "hive:\n  listen: 0.0.0.0:9200\n", 2, "on this machine alone"],
    ["an origin with a path", "cors:\n  origins: https://app.example/page\n", 2, "expected origins"],
    ["an origin that is none", "cors:\n  origins: ['null']\n", 2, "expected origins"],
    ["a group for a list", "cors:\n  origins: {a: b}\n", 2, "a list of them"],
    ["a list for a value", "listen: [a, b]\n", 1, "listen takes one value"],
    ["a value out of bounds", "queue:\n  lengthMax: 0\n", 2, "from 1 to 1000000"],
    ["a choice that is none", "worker:\n  gpu: fast\n", 2, "auto or none"],
    ["a way to answer that is none", "team:\n  mode: shout\n", 2, "auto, alone, vote or discuss"],
    ["a team of nobody", "team:\n  specialists: []\n", 2, "1 to 16 names"],
    ["a specialist twice", "team:\n  specialists: [critical, critical]\n", 2, "each once"],
    ["a specialist elsewhere", "team:\n  specialists: [../critical]\n", 2, "names of specialists"],
    ["a quorum of too few", "team:\n  quorum: 0.3\n", 2, "all, majority or a fraction from 0.5 to 1"],
    ["a quorum of nothing", "team:\n  quorum: ''\n", 2, "all, majority or a fraction"],
    ["a team's key that is none", "team:\n  specialist: critical\n", 2, "the nearest is team.specialists"],
    ["a missing variable", "name: a\nmodel:\n  default: ${NO_SUCH_THING}\n", 3, "NO_SUCH_THING"],
    ["a group that is a value", "name: a\nworker: 3\n", 2, "keys below it"],
    ["a key twice", "name: a\nname: b\n", 2, "unique"],
    ["broken YAML", "name: a\nworker: [\n", 3, "not valid YAML"],
    ["a list for a file", "- a\n", 1, "key: value"],
  ];
  test.each(cases)("F1 %s", (_, user, line, says) => {
    const { userFile, failure } = place({ user });
    const error = failure();
    expect(error.code).toBe("config.invalid");
    expect(error.message).toContain(`${userFile}:${line}:`);
    expect(error.message).toContain(says);
  });

  test("L2 a wrong variable of the environment is named, and a wrong flag is a matter of usage", () => {
    expect(place().failure({ env: { RBEE_WORKER_SLOTS: "x" } })).toMatchObject({
      code: "config.invalid",
      message: expect.stringContaining("RBEE_WORKER_SLOTS"),
    });
    expect(place().failure({ flags: { listen: "8080" } })).toMatchObject({
      code: "usage.invalid",
      message: expect.stringContaining("--listen"),
    });
  });
});

describe("the file of a folder is not trusted", () => {
  test("F2 C3 it may not open a door, and the line is named", () => {
    const { folderFile, failure } = place({ folder: "worker:\n  slots: 2\nlisten: 0.0.0.0:80\n" });
    expect(failure()).toMatchObject({
      code: "config.invalid",
      message: expect.stringContaining(`${folderFile}:3: listen`),
    });
  });

  test("F2 it reads nothing of the environment, even where the variable exists", () => {
    const { folderFile, failure } = place({ folder: "model:\n  default: x-${HOME}\n" });
    const error = failure({ env: { HOME: "/secret-home" } });
    expect(error.message).toContain(`${folderFile}:2:`);
    expect(error.message).not.toContain("secret-home");
  });

  test("F2 an anchor is no way round", () => {
    const { failure } = place({ folder: "name: &x ${HOME}\nmodel:\n  default: *x\n" });
    expect(failure()).toMatchObject({ code: "config.invalid" });
  });

  test("a .env beside it is not read", () => {
    const { cwd, load } = place({ folder: "name: here\n" });
    writeFileSync(join(cwd, ".env"), "RBEE_WORKER_SLOTS=99\n");
    expect(load().config.worker.slots).toBe(4);
  });

  test("the same file named by the user himself is trusted", () => {
    const { folderFile, load } = place({ folder: "listen: 0.0.0.0:8081\n" });
    expect(load({ env: { RBEE_CONFIG: folderFile } }).config.listen.host).toBe("0.0.0.0");
  });
});

describe("config.example.yaml", () => {
  test("C1 it shows every setting there is, and nothing else", () => {
    const shown = readSettings(EXAMPLE, { trusted: true, env: {} })?.map(({ key }) => key);
    expect([...(shown ?? [])].toSorted()).toEqual([...SETTING_KEYS].toSorted());
  });

  test("C1 the value it shows is the default, wherever there is one", () => {
    const shown = place({ user: readFileSync(EXAMPLE, "utf8") }).load().config;
    const { config } = place().load();
    const listen = { ...config.listen, asked: true };
    const hive = { listen: { ...config.hive.listen, asked: true } };
    const team = { ...config.team, specialists: ["divergent", "convergent", "critical"] };
    expect(shown).toEqual({
      ...config,
      listen,
      hive,
      team,
      name: "my-machine",
      model: { ...config.model, default: "starter" },
    });
  });
});

describe("paths", () => {
  test("P1 with RBEE_HOME every path is below it", () => {
    const { home } = place();
    for (const path of Object.values(findPaths({ RBEE_HOME: home }, "/"))) expect(path.startsWith(home)).toBe(true);
  });

  test("P2 the folders are made for their owner alone, and one that was open is closed", () => {
    const { home } = place();
    mkdirSync(join(home, "models"), { mode: 0o755 });
    const paths = findPaths({ RBEE_HOME: home }, "/");
    makeFolders(paths);
    for (const folder of [paths.data, paths.models, paths.state, paths.logs])
      expect(statSync(folder).mode & 0o777).toBe(0o700);
  });
});

describe("a setting that takes several values", () => {
  test("is a list in a file, and text with commas between everywhere else", () => {
    const origins = ["https://app.example", "http://127.0.0.1:3000"];
    const text = origins.join(", ");
    const written = [{ user: `cors:\n  origins: [${text}]\n` }, { user: `cors:\n  origins: ${text}\n` }];
    for (const each of written) expect(place(each).load().config.cors.origins).toEqual(origins);
    expect(place().load({ env: { RBEE_CORS_ORIGINS: text } }).config.cors.origins).toEqual(origins);
    expect(place().load().config.cors.origins).toEqual([]);
  });

  test("F2 no folder's file lets web pages in that nobody has trusted", () => {
    const { failure } = place({ folder: "cors:\n  origins: [https://app.example]\n" });
    expect(failure()).toMatchObject({ message: expect.stringContaining("opens this machine to others") });
  });
});

describe("the team", () => {
  test("is whoever has a file, and they talk until they agree, are silent or out of time, where nobody says otherwise", () => {
    expect(place().load().config.team).toEqual({
      mode: "auto",
      specialists: undefined,
      style: "structured",
      contributionsMax: 3,
      roundsMax: 10,
      quorum: "majority",
      samples: 5,
      tokensMax: 60_000,
      costMax: 0,
      concurrentMax: 8,
      idleMs: 6_000,
      hardMs: 300_000,
      draftMs: 60_000,
      turnMs: 60_000,
      graceMs: 5_000,
      finalMs: 30_000,
      summaryMs: 4_000,
      agentTtlMs: 600_000,
    });
  });

  test("may be other people, who agree when somebody says", () => {
    const user = "team:\n  specialists: [critical, bee-keeper]\n  quorum: 0.67\n  hard: 2m\n";
    expect(place({ user }).load().config.team).toMatchObject({
      specialists: ["critical", "bee-keeper"],
      quorum: 0.67,
      hardMs: 120_000,
    });
    const env = { RBEE_TEAM_QUORUM: "0.75", RBEE_TEAM_SPECIALISTS: "critical", RBEE_TEAM_CONTRIBUTIONS_MAX: "2" };
    const { team } = place({ user }).load({ env }).config;
    expect(team).toMatchObject({ specialists: ["critical"], quorum: 0.75, contributionsMax: 2 });
    expect(place().load({ env: { RBEE_TEAM_QUORUM: "all" } }).config.team.quorum).toBe("all");
  });
});
