/**
 * What a machine may not use, because our runtime and not XState's interpreter runs it, and that each of its actions
 * has one handler. Kernel rules 8 and 12 in src/runtime.
 *
 * @module
 */
import { parseSync, Visitor, type Expression } from "oxc-parser";
import type { Behaviour } from "../../src/runtime/behaviour.ts";
import { lineAt, type Problem, type Tree } from "./problem.ts";

/** Whatever starts or addresses an actor of XState's own: forgotten in a crash, and without a bound. */
const FOREIGN_WORDS = new Set(["forwardTo", "invoke", "sendParent", "sendTo", "spawnChild", "stopChild"]);

export function machineProblems(tree: Tree): readonly Problem[] {
  return [...tree]
    .filter(([path]) => path.startsWith("machines/") && path.endsWith(".ts"))
    .flatMap(([path, text]) => problemsOf(path, text));
}

function problemsOf(path: string, text: string): readonly Problem[] {
  const problems: Problem[] = [];
  const report = (offset: number, problem: string): void => {
    problems.push({ path, line: lineAt(text, offset), text: problem });
  };
  new Visitor({
    Property({ key, start }) {
      if (nameOf(key) === "invoke") report(start, "invoke is XState's own actor: ask a port instead");
    },
    ImportSpecifier({ imported, start }) {
      const name = nameOf(imported);
      if (name !== undefined && FOREIGN_WORDS.has(name))
        report(start, `${name} needs XState's own interpreter: use effect`);
    },
    CallExpression({ callee, arguments: [, options], start }) {
      if (nameOf(callee) !== "raise" || options?.type !== "ObjectExpression") return;
      const keys = options.properties.map((property) =>
        property.type === "Property" ? nameOf(property.key) : undefined,
      );
      if (keys.includes("delay") && !keys.includes("id"))
        report(start, "a delayed raise needs an id, to be cancelled by");
    },
  }).visit(parseSync(path, text).program);
  return problems;
}

function nameOf(node: { readonly type: string } | Expression): string | undefined {
  if ("name" in node && typeof node.name === "string") return node.name;
  return "value" in node && typeof node.value === "string" ? node.value : undefined;
}

type Declared = Pick<Behaviour, "kind" | "machine" | "handlers">;

/** Each machine in one behaviour, each action it declares in one handler, and no handler without an action. */
export function handlerProblems(behaviours: readonly Declared[]): readonly Problem[] {
  return behaviours.flatMap(({ kind, machine, handlers }, index) => {
    const path = `machines/${kind}.ts`;
    const problem = (text: string): Problem => ({ path, line: 1, text });
    const actions = effectsOf(machine);
    const isSecond = behaviours.findIndex((other) => other.machine === machine) < index;
    return [
      ...(isSecond ? [problem(`${kind} has two behaviours`)] : []),
      ...actions.filter((name) => !Object.hasOwn(handlers, name)).map((name) => problem(`${name} has no handler`)),
      ...Object.keys(handlers)
        .filter((name) => !actions.includes(name))
        .map((name) => problem(`the handler ${name} has no action`)),
    ];
  });
}

/** The actions that mean something outside; `assign` and its like carry a `resolve` and stay inside XState. */
function effectsOf(machine: Declared["machine"]): readonly string[] {
  const actions: Readonly<Record<string, unknown>> = machine.implementations.actions;
  return Object.keys(actions).filter((name) => typeof actions[name] === "function" && !("resolve" in actions[name]));
}
