/**
 * Imports go one way, whatever their spelling: checked on resolved paths, types and dynamic imports included.
 *
 *   machines <- src/protocol <- src/runtime <- { src/actors, src/net, src/doors } <- src/hosts <- src/cli
 *
 * The middle three never import each other; machines/ needs XState and nothing else; product code never imports
 * test/, and of tools/ the benches alone, by the keeper.
 *
 * @module
 */
import { parseSync, Visitor } from "oxc-parser";
import { posix } from "node:path";
import { isCode, lineAt, type Problem, type Tree } from "./problem.ts";

const CORE = ["machines", "src/protocol", "src/runtime"];
const MIDDLE = ["src/actors", "src/net", "src/doors"];

/** Each room, with the rooms it may import from beside itself. What is in no room may import anything. */
const DOORS: ReadonlyMap<string, readonly string[]> = new Map([
  ["machines", []],
  ["src/protocol", ["machines"]],
  ["src/runtime", ["machines", "src/protocol"]],
  ...MIDDLE.map((room): [string, string[]] => [room, CORE]),
  ["src/hosts", [...CORE, ...MIDDLE]],
  ["src/cli", [...CORE, ...MIDDLE, "src/hosts", "tools/bench"]],
  // The benches are tools that the keeper carries: they look at every room.
  ["tools/bench", [...CORE, ...MIDDLE, "src/hosts", "src/cli", "tools"]],
  ["bin", ["src/cli"]],
]);

export function importProblems(tree: Tree): readonly Problem[] {
  return [...tree].filter(([path]) => isCode(path)).flatMap(([path, text]) => problemsOf(path, text));
}

function problemsOf(path: string, text: string): readonly Problem[] {
  const room = roomOf(path);
  const allowed = DOORS.get(room);
  if (allowed === undefined) return [];
  return importsOf(path, text).flatMap(({ from, offset }) => {
    const found = from.startsWith(".") ? roomOf(posix.join(posix.dirname(path), from)) : from;
    const isRight = from.startsWith(".") ? found === room || allowed.includes(found) : mayUsePackage(room, from);
    if (isRight) return [];
    return [{ path, line: lineAt(text, offset), text: `${room} may not import ${found} (${from})` }];
  });
}

const mayUsePackage = (room: string, name: string): boolean => room !== "machines" || /^xstate(\/|$)/.test(name);

/** The room of a file; its first folder where that is no room. */
function roomOf(path: string): string {
  const rooms = [...DOORS.keys()];
  return rooms.find((room) => path.startsWith(`${room}/`)) ?? path.split("/")[0] ?? path;
}

interface Import {
  readonly from: string;
  readonly offset: number;
}

function importsOf(path: string, text: string): readonly Import[] {
  const { module, program } = parseSync(path, text);
  const found: Import[] = module.staticImports.map(({ moduleRequest, start }) => ({
    from: moduleRequest.value,
    offset: start,
  }));
  for (const { entries, start } of module.staticExports) {
    for (const { moduleRequest } of entries)
      if (moduleRequest) found.push({ from: moduleRequest.value, offset: start });
  }
  const visitor = new Visitor({
    ImportExpression({ source, start }) {
      if (source.type === "Literal" && typeof source.value === "string")
        found.push({ from: source.value, offset: start });
    },
    TSImportType({ source, start }) {
      found.push({ from: source.value, offset: start });
    },
  });
  visitor.visit(program);
  return found;
}
