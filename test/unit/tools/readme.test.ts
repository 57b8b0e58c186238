/**
 * Goal: what the README says about errors, endpoints and the version is what the code does.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { remoteName } from "../../../src/protocol/remote-name.ts";
import { RBEE_VERSION } from "../../../src/protocol/version.ts";
import { loadConfig, valueFromText } from "../../../src/runtime/config/load.ts";
import { isSettingKey } from "../../../src/runtime/config/settings.ts";
import { withErrors } from "../../../tools/errors-table.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const readme = readFileSync("README.md", "utf8");

test("the README's table of errors is the table of the code (npm run readme writes it)", () => {
  expect(readme).toBe(withErrors(readme));
});

test("the program's version is the package's", () => {
  expect(RBEE_VERSION).toBe((JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version);
});

test("the README's endpoints are a configuration, and the models that it names are of them", () => {
  const [, yaml = ""] = /```yaml\n(endpoints:[^`]*)```/.exec(readme) ?? [];
  const home = temporaryFolder();
  writeFileSync(join(home, "config.yaml"), yaml);
  const { endpoints } = loadConfig({ flags: {}, env: { RBEE_HOME: home, CLOUD_KEY: "key" }, cwd: home }).config;
  expect(endpoints).toMatchObject({ box: { privacy: "secret" }, cloud: { key: "key", privacy: "private" } });
  const named = [...readme.matchAll(/(?:openai|ollama):[\w@.-]+/g)].map(([name]) => remoteName(name)?.endpoint);
  expect(named.length).toBeGreaterThanOrEqual(3);
  expect(named.filter((endpoint) => !Object.hasOwn(endpoints, endpoint ?? ""))).toEqual([]);
});

test("the setting by which the README has llama-server run models is one", () => {
  const [, key = "", value = ""] = /rbee config set (worker\.engine) ([\w-]+)/.exec(readme) ?? [];
  expect(isSettingKey(key) && valueFromText(key, value)).toBe("llama-server");
});
