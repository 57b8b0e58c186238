/**
 * Goal: what deploy/ sets is configuration that there is, and opens no more than it says.
 * Method: each file is read as Compose reads it, and the configuration in it as rbee reads it.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { type Config, loadConfig } from "../../../src/runtime/config/load.ts";
import { environmentName, SETTING_KEYS } from "../../../src/runtime/config/settings.ts";
import { durationMs } from "../../../src/runtime/config/units.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const DEPLOY = join(import.meta.dirname, "../../../deploy");

const service = z.object({ image: z.string(), volumes: z.array(z.string()).default([]) });
const node = service.extend({
  command: z.array(z.string()),
  stop_grace_period: z.string(),
  environment: z.record(z.string(), z.string()),
  configs: z.array(z.object({ source: z.string(), target: z.string() })),
  ports: z.array(z.string()),
});
const compose = z.object({
  services: z.object({ ollama: service, rbee: node }),
  configs: z.record(z.string(), z.object({ content: z.string() })),
  volumes: z.record(z.string(), z.null()),
});

const FILES = ["compose.local.yaml", "compose.remote.yaml"];
const read = (name: string): z.infer<typeof compose> => compose.parse(parse(readFileSync(join(DEPLOY, name), "utf8")));

/** As rbee in the container has it. */
function configOf({ services, configs }: z.infer<typeof compose>): Config {
  const content = configs[services.rbee.configs[0]?.source ?? ""]?.content ?? "";
  const file = join(temporaryFolder(), "config.yaml");
  writeFileSync(file, content.replaceAll("$$", "$"));
  const env = { RBEE_CONFIG: file, MODELS_URL: "https://models.example.com/v1", MODELS_KEY: "key" };
  return loadConfig({ flags: {}, env, cwd: temporaryFolder() }).config;
}

test("there is a file for a deployment on one machine and one for models elsewhere", () => {
  expect(readdirSync(DEPLOY).toSorted()).toEqual(FILES);
});

test.each(FILES)("%s: the configuration in it is one that rbee takes, and it is where rbee looks", (name) => {
  const file = read(name);
  const { rbee } = file.services;
  expect(rbee.environment["RBEE_CONFIG"]).toBe(rbee.configs[0]?.target);
  const { endpoints, model } = configOf(file);
  expect(endpoints["ollama"]).toMatchObject({ url: "http://ollama:11434/", privacy: "secret" });
  expect(model.default).toMatch(/^ollama:/);
  const known = new Set(["RBEE_HOME", "RBEE_CONFIG", ...SETTING_KEYS.map(environmentName)]);
  for (const variable of Object.keys(rbee.environment).filter((each) => each.startsWith("RBEE_")))
    expect(known).toContain(variable);
});

test.each(FILES)("%s: the door is heard on the machine alone, and at the port that it listens on", (name) => {
  const file = read(name);
  const { listen } = configOf(file);
  expect(file.services.rbee.ports).toEqual([`127.0.0.1:${listen.port}:${listen.port}`]);
});

test.each(FILES)("%s: it waits for an orderly stop, and what is to stay is on a volume", (name) => {
  const file = read(name);
  const { shutdown } = configOf(file);
  const graceMs = durationMs(file.services.rbee.stop_grace_period) ?? 0;
  expect(graceMs).toBeGreaterThan(shutdown.finishMs + shutdown.stopWorkersMs);
  const mounted = Object.values(file.services).flatMap(({ volumes }) => volumes.map((each) => each.split(":")[0]));
  for (const volume of Object.keys(file.volumes)) expect(mounted).toContain(volume);
});

test("compose.remote.yaml: a server elsewhere is given public work only, with a key that stands in no file", () => {
  const file = read("compose.remote.yaml");
  expect(configOf(file).endpoints["elsewhere"]).toEqual({
    url: "https://models.example.com/v1/",
    key: "key",
    privacy: "public",
  });
  expect(file.services.rbee.environment["MODELS_KEY"]).toMatch(/^\$\{MODELS_KEY:\?/);
});

test.each(FILES)("%s: images are named, and from no particular registry", (name) => {
  for (const { image } of Object.values(read(name).services))
    expect(image).toMatch(/^(?:[a-z0-9-]+\/)?[a-z0-9-]+:\S+$/);
});
