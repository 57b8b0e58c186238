/**
 * Goal: who is asked, with which key and how much of ours, is the user's own to say, and no key is ever shown.
 * Method: real files in a folder of their own.
 *
 * @see src/runtime/config/endpoints.ts, EN1 to EN3; file.ts, F2 F3; settings.ts, C3
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { errorData } from "../../../src/protocol/errors.ts";
import { type LoadedConfig, loadConfig } from "../../../src/runtime/config/load.ts";
import { shown } from "../../../src/runtime/config/settings.ts";
import { temporaryFolder } from "../../support/temporary.ts";

interface Written {
  readonly user?: string;
  readonly folder?: string;
  readonly env?: Record<string, string>;
}

function load({ user = "", folder = "", env = {} }: Written): LoadedConfig {
  const root = temporaryFolder();
  const [home, cwd] = [join(root, "home"), join(root, "cwd")];
  for (const each of [home, cwd]) mkdirSync(each);
  writeFileSync(join(home, "config.yaml"), user);
  writeFileSync(join(cwd, "rbee.yaml"), folder);
  return loadConfig({ flags: {}, env: { ...env, RBEE_HOME: home }, cwd });
}

function refusal(written: Written): string {
  try {
    load(written);
  } catch (thrown) {
    const { code, message } = errorData(thrown);
    expect(code).toBe("config.invalid");
    return message;
  }
  throw new Error("the configuration was accepted");
}

const written = (...lines: readonly string[]): string =>
  ["endpoints:", ...lines.map((line) => `  ${line}`), ""].join("\n");
const endpoints = (given: Written) => load(given).config.endpoints;

describe("an endpoint", () => {
  test("is an address, a key of the environment, and the most private work it may be given", () => {
    const user = written("box:", "  url: https://box.example/v1", "  key: ${BOX_KEY}", "  privacy: internal");
    expect(endpoints({ user, env: { BOX_KEY: "sesame" } })["box"]).toEqual({
      url: "https://box.example/v1/",
      key: "sesame",
      privacy: "internal",
    });
  });

  test("may say what a million tokens cost there", () => {
    const user = written("box:", "  url: https://box.example/v1", "  inputPrice: 2.5", "  outputPrice: 10");
    expect(endpoints({ user })["box"]?.price).toEqual({ input: 2.5, output: 10 });
    expect(endpoints({ user: written("it:", "  url: http://a.example") })["it"]).not.toHaveProperty("price");
  });

  test.each([
    ["http://127.0.0.1:8000/v1", "secret"],
    ["http://localhost:8000", "secret"],
    ["http://[::1]:8000", "secret"],
    ["https://box.example/v1", "public"],
    ["http://127.0.0.1.example/v1", "public"],
    ["http://192.168.0.2:8000", "public"],
  ])("EN1 at %s may be given what is %s, when nobody says otherwise", (url, privacy) => {
    expect(endpoints({ user: written("it:", `  url: ${url}`) })["it"]?.privacy).toBe(privacy);
  });

  test.each([
    ["no address", ["it: {}"], "endpoints.it.url"],
    ["an address of another kind", ["it:", "  url: file:///etc/passwd"], "endpoints.it.url"],
    ["a password in its address", ["it:", "  url: http://a:b@box.example/"], "endpoints.it.url"],
    ["an unknown part", ["it: {url: http://a.example, model: x}"], "endpoints.it"],
    ["a label that is none", ["it: {url: http://a.example, privacy: mine}"], "endpoints.it.privacy"],
    ["a price that is none", ["it: {url: http://a.example, inputPrice: free}"], "endpoints.it.inputPrice"],
    ["a name that is none", ["a b: {url: http://a.example}"], "at most 32 letters"],
    ["a group within", ["it: {url: {a: http://a.example}}"], "endpoints.it.url"],
    ["a list", ["it: [a, b]"], "endpoints.it takes one value"],
  ])("F3 with %s is refused with its place", (_what, lines, says) => {
    expect(refusal({ user: written(...lines) })).toContain(says);
  });

  test("EN2 shows no key, and no error quotes one", () => {
    const user = written(
      "it:",
      "  url: http://a.example",
      "  key: sesame",
      "other:",
      "  url: no address",
      "  key: open",
    );
    expect(refusal({ user })).not.toMatch(/sesame|open/);
    const told = load({ user: written("it:", "  url: http://a.example", "  key: sesame") });
    const setting = told.origins.get("endpoints")?.value;
    expect(shown("endpoints", setting)).toEqual({ it: { url: "http://a.example", key: "(hidden)" } });
  });

  test.each([
    ["endpoints", "what runs and who is asked", written("it: {url: http://a.example}")],
    ["worker.engine", "what runs and who is asked", "worker: {engine: llama-server}\n"],
    ["engines.llamaServer.path", "what runs and who is asked", "engines: {llamaServer: {path: ./evil}}\n"],
    ["team.costMax", "what may be paid", "team: {costMax: 0}\n"],
  ])("C3 %s may not stand in the file of a folder that nobody trusts: it says %s", (key, what, folder) => {
    expect(refusal({ folder })).toContain(`rbee.yaml:1: ${key} says ${what}`);
  });
});

describe("Ollama", () => {
  test.each([
    [undefined, "http://127.0.0.1:11434/", "secret"],
    ["", "http://127.0.0.1:11434/", "secret"],
    ["0.0.0.0", "http://127.0.0.1:11434/", "secret"],
    ["0.0.0.0:5", "http://127.0.0.1:5/", "secret"],
    [":5", "http://127.0.0.1:5/", "secret"],
    ["box", "http://box:11434/", "public"],
    ["box:80", "http://box/", "public"],
    ["https://box.example/ollama", "https://box.example/ollama/", "public"],
  ])("EN3 with OLLAMA_HOST %j is at %s", (host, url, privacy) => {
    const env = host === undefined ? {} : { OLLAMA_HOST: host };
    expect(endpoints({ env })).toEqual({ ollama: { url, key: undefined, privacy } });
  });

  test("EN3 is where the configuration says before OLLAMA_HOST is asked", () => {
    const user = written("ollama: {url: http://box.example, privacy: private}");
    expect(endpoints({ user, env: { OLLAMA_HOST: "other" } })["ollama"]).toMatchObject({
      url: "http://box.example/",
      privacy: "private",
    });
  });

  test("a place that is none is refused", () => {
    expect(refusal({ env: { OLLAMA_HOST: "http://a:b@c" } })).toContain("OLLAMA_HOST");
  });
});
