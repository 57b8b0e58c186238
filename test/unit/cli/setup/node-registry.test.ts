/**
 * Goal: the registry of machines is whole, private, of one shape, and loses nothing.
 * Method: the files of a home; many that change it at once.
 *
 * @see src/cli/setup/node-registry.ts, NR1 NR2
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  changeNodes,
  nodeCalled,
  type RegisteredNode,
  registeredNodes,
} from "../../../../src/cli/setup/node-registry.ts";
import { errorData } from "../../../../src/protocol/errors.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const PROGRAM = join(import.meta.dirname, "../../../support/registry-program.ts");

const node = (name: string): RegisteredNode => ({
  name,
  ssh: { host: "far", port: 2222, user: "bee", keyFile: "/keys/far" },
  addedAt: "2026-01-01T00:00:00.000Z",
  installed: null,
});
const codeOf = (act: () => unknown): string => {
  try {
    act();
    return "done";
  } catch (thrown) {
    return errorData(thrown).code;
  }
};
const homeWith = (text: string): string => {
  const home = join(temporaryFolder(), "home");
  mkdirSync(join(home, "cluster"), { recursive: true, mode: 0o700 });
  writeFileSync(join(home, "cluster", "nodes.json"), text, { mode: 0o600 });
  return home;
};

test("NR1 what was written is read, is its owner's alone, and leaves no other file", async () => {
  const home = join(temporaryFolder(), "home");
  expect(registeredNodes(home)).toEqual([]);
  await changeNodes(home, (nodes) => [...nodes, node("attic")]);
  expect(registeredNodes(home)).toEqual([node("attic")]);
  expect(readdirSync(join(home, "cluster"))).toEqual(["nodes.json"]);
  expect(statSync(join(home, "cluster", "nodes.json")).mode & 0o777).toBe(0o600);
});

test("NR1 a file of another shape is refused and stays as it is", async () => {
  const more = JSON.stringify({ schemaVersion: 1, nodes: [{ ...node("attic"), password: "x" }] });
  const texts = ["", "{}", '{"schemaVersion":2,"nodes":[]}', more, more.replace('"password":"x"', '"name":"-o x"')];
  for (const text of texts) {
    const home = homeWith(text);
    expect(codeOf(() => registeredNodes(home))).toBe("home.unusable");
    await expect(changeNodes(home, () => [])).rejects.toMatchObject({ code: "home.unusable" });
    expect(readFileSync(join(home, "cluster", "nodes.json"), "utf8")).toBe(text);
  }
  const open = homeWith('{"schemaVersion":1,"nodes":[]}');
  chmodSync(join(open, "cluster", "nodes.json"), 0o644);
  expect(codeOf(() => registeredNodes(open))).toBe("home.unusable");
});

test("NR2 of many programs that add some at once none is lost", async () => {
  const home = join(temporaryFolder(), "home");
  const programs = ["a", "b"].map((name) => spawn(process.execPath, [PROGRAM, home, name, "8"]));
  const codes = programs.map(async (program): Promise<unknown> => (await once(program, "exit"))[0]);
  expect(await Promise.all(codes)).toEqual([0, 0]);
  expect(registeredNodes(home)).toHaveLength(16);
});

test("NR1 what is refused changes nothing", async () => {
  const home = join(temporaryFolder(), "home");
  await changeNodes(home, () => [node("attic")]);
  const refusing = changeNodes(home, () => {
    throw new Error("no");
  });
  await expect(refusing).rejects.toThrow("no");
  await expect(changeNodes(home, () => [{ ...node("x"), name: "a b" }])).rejects.toThrow("name");
  expect(registeredNodes(home)).toEqual([node("attic")]);
});

test("setup.node.unknown: a node that nobody set up is refused, and those there are named", async () => {
  const home = join(temporaryFolder(), "home");
  expect(codeOf(() => nodeCalled(home, "attic"))).toBe("setup.node.unknown");
  await changeNodes(home, () => [node("attic")]);
  expect(nodeCalled(home, "attic")).toEqual(node("attic"));
  expect(() => nodeCalled(home, "cellar")).toThrow("there is attic");
});
