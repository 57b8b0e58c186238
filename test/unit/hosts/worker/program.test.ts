/**
 * Goal: what runs a model is what the configuration says, and no key stands where others could read it.
 *
 * @see src/hosts/worker/program.ts, WP1
 * @module
 */
import { expect, test } from "vitest";
import { programFor } from "../../../../src/hosts/worker/program.ts";
import { KEY_VARIABLE } from "../../../../src/hosts/worker/start.ts";
import { loadConfig } from "../../../../src/runtime/config/load.ts";

const { config } = loadConfig({ flags: {}, env: { RBEE_HOME: "/nowhere" }, cwd: "/" });
const cloud = { url: "https://a.example/v1/", key: "sesame", privacy: "internal" } as const;
const choose = programFor({ ...config, endpoints: { ...config.endpoints, cloud } });

test("a model of this machine is run in its worker", () => {
  expect(choose("starter")).toEqual({ program: { kind: "llama" }, env: {} });
});

test("WP1 a model of a server is asked of the server that is called so, with its key beside the command line", () => {
  const { program, env } = choose("openai:m@cloud");
  const told = { kind: "remote", dialect: "openai", model: "m", endpoint: "cloud", url: cloud.url, upTo: "internal" };
  expect(program).toEqual(told);
  expect(env).toEqual({ [KEY_VARIABLE]: "sesame" });
  expect(choose("ollama:m")).toMatchObject({ program: { dialect: "ollama", upTo: "secret" }, env: {} });
});

test.each(["openai:m@nobody", "openai:m@constructor", "openai:m@toString"])(
  "WP1 %s is on no server that anybody named",
  (model) => {
    expect(() => choose(model)).toThrow(expect.objectContaining({ code: "endpoint.unknown" }));
  },
);

test("a model of this machine is run by llama-server where the configuration says so", () => {
  const worker = { ...config.worker, engine: "llama-server" } as const;
  const { program } = programFor({ ...config, worker })("starter");
  expect(program).toEqual({ kind: "llama-server", path: "llama-server" });
});
