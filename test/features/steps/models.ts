/**
 * Sentences about the models of this machine: which there are, what is known of each, and what lies on the disk.
 *
 * @module
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import type { ModelInfo, ModelView } from "../../../src/protocol/api.ts";
import { waitUntil } from "../../support/children.ts";
import { sha256Of } from "../../support/hub.ts";
import { randomModel } from "../../support/tiny-models.ts";
import { step, type World } from "../world.ts";

const WITHIN_MS = 30_000;

/** `hf:OWNER/REPO/FILE` */
export function partsIn(model: string): { readonly repo: string; readonly file: string } {
  const [owner, repo, ...file] = model.replace(/^hf:/, "").split("/");
  return { repo: `${owner}/${repo}`, file: file.join("/") };
}

/** Every model of a hub is of the same size. */
export const bytesOf = (seed = 1): Buffer => readFileSync(randomModel({ seed }));

const folderOf = ({ node }: World): string => join(node.home, "models");
const pathOf = (world: World, model: string): string => join(folderOf(world), "hf", model.replace(/^hf:/, ""));

async function listed({ node }: World): Promise<readonly ModelView[]> {
  return ((await node.call("GET", "/v2/models")).json() as { models: readonly ModelView[] }).models;
}

step("the list of models has {string} as {string} from the hub, with its size", async (world, model, quant) => {
  const found = (await listed(world)).find(({ id }) => id === model);
  expect(found).toMatchObject({ quant, bytes: bytesOf().length, source: world.hub.url, path: pathOf(world, model) });
  expect(Math.abs(Date.now() - (found?.addedAtMs ?? 0))).toBeLessThan(WITHIN_MS);
});
step("the list of models has {string}", async (world, model) => {
  expect((await listed(world)).map(({ id }) => id)).toContain(model);
});
step("the list of models has nothing of {string}", async (world, model) => {
  expect((await listed(world)).filter(({ id }) => id.startsWith(model))).toEqual([]);
});
step("the list of models has {string} once, with the size of {int} files", async (world, model, files) => {
  const found = (await listed(world)).filter(({ id }) => id.startsWith(model.slice(0, model.lastIndexOf("/"))));
  expect(found).toMatchObject([{ id: model, bytes: files * bytesOf().length }]);
});
step("the list of models has the file {string} from nowhere", async (world, file) => {
  const path = join(folderOf(world), file);
  expect(await listed(world)).toContainEqual(
    expect.objectContaining({ id: `file:${path}`, source: "", bytes: bytesOf().length }),
  );
});

step("the file {string} is put into the folder of models by hand", (world, file) => {
  const path = join(folderOf(world), file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytesOf());
});

step("{string} lies there byte for byte", (world, model) => {
  expect(sha256Of(readFileSync(pathOf(world, model)))).toBe(sha256Of(bytesOf()));
});
step("{string} is there in the end, byte for byte", async (world, model) => {
  await waitUntil(() => existsSync(pathOf(world, model)), WITHIN_MS);
  expect(sha256Of(readFileSync(pathOf(world, model)))).toBe(sha256Of(bytesOf()));
});
step("the note beside {string} says its name, its size, its hash and its kind", (world, model) => {
  expect(JSON.parse(readFileSync(`${pathOf(world, model)}.json`, "utf8"))).toMatchObject({
    name: model,
    bytes: bytesOf().length,
    sha256: sha256Of(bytesOf()),
    source: world.hub.url,
    architecture: "llama",
  });
});
step("the note beside {string} is damaged", (world, model) =>
  writeFileSync(`${pathOf(world, model)}.json`, '{"schemaVersion":1,"name":'),
);
step("nothing of {string} is left in the folder of models", (world, model) => {
  const folder = join(folderOf(world), "hf", partsIn(model).repo);
  expect(existsSync(folder) ? readdirSync(folder, { recursive: true }) : []).toEqual([]);
});

step("the folder of models is copied to the home of a node of its own", async (world) => {
  const home = world.stage.newHome();
  mkdirSync(home, { mode: 0o700 });
  cpSync(folderOf(world), join(home, "models"), { recursive: true });
  const node = world.stage.launch({}, { home });
  world.nodes.push(node);
  await node.untilReady();
});

async function infoOf({ node }: World, model: string): Promise<ModelInfo> {
  const reply = await node.call("GET", `/v1/models/info?model=${encodeURIComponent(model)}`);
  expect(reply.status, reply.text).toBe(200);
  return reply.json() as ModelInfo;
}

step("the models to choose from in {string} are", async (world, model, rows) => {
  const choices = (await infoOf(world, model)).choices.map((choice) => [choice.model, choice.quant]);
  expect(choices.toSorted()).toEqual(rows.map(([file = "", quant = ""]) => [`${model}/${file}`, quant]).toSorted());
});
step("what is told of {string} is what its header says, and that it fits", async (world, model) => {
  expect(await infoOf(world, model)).toMatchObject({
    architecture: "llama",
    contextTokens: 4096,
    bytes: bytesOf().length,
    fit: { fits: true, why: expect.stringMatching(/weights .* KV cache /) },
  });
});
