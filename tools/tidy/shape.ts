/**
 * How a file looks: its length and that of its lines and functions, its name, its header.
 *
 * @module
 */
import { parseSync, Visitor, type CallExpression, type Node } from "oxc-parser";
import { posix } from "node:path";
import { isCode, isTest, lineAt, type Problem, type Tree } from "./problem.ts";

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const LINE_CHARS_MAX = 120;
const TITLE_CHARS_MAX = 140;

/** Names that say nothing, so that anything ends up in them. */
const BANNED_WORDS = new Set(["common", "helper", "helpers", "manager", "misc", "util", "utils"]);
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;

export function shapeProblems(tree: Tree): readonly Problem[] {
  return [...tree]
    .filter(([path]) => isCode(path))
    .flatMap(([path, text]) => [
      ...nameProblems(path),
      ...lineProblems(path, text),
      ...functionProblems(path, text),
      ...(isTest(path) ? skipProblems(path, text) : []),
    ]);
}

function nameProblems(path: string): readonly Problem[] {
  const name = posix.basename(path);
  const banned = name.split(/[^a-z]+/).find((word) => BANNED_WORDS.has(word));
  if (banned !== undefined) return [{ path, line: 1, text: `a file is named after its one idea, not "${banned}"` }];
  return KEBAB_CASE.test(name) ? [] : [{ path, line: 1, text: "file names are kebab-case" }];
}

function lineProblems(path: string, text: string): readonly Problem[] {
  const problems: Problem[] = [];
  const lines = text.split("\n");
  const count = text.endsWith("\n") ? lines.length - 1 : lines.length;
  if (!/^(#!.*\n)?\/\*\*\n/.test(text)) {
    problems.push({ path, line: 1, text: "a file begins with a header comment that says what it owns" });
  }
  if (count > FILE_LINES_MAX) problems.push({ path, line: count, text: `${count} lines, at most ${FILE_LINES_MAX}` });
  for (const [index, line] of lines.entries()) {
    const problem = `${line.length} columns, at most ${LINE_CHARS_MAX}`;
    if (line.length > LINE_CHARS_MAX && !isTitle(line)) problems.push({ path, line: index + 1, text: problem });
  }
  return problems;
}

/** The name of a test is a sentence; broken in two it would be no better to read. */
const isTitle = (line: string): boolean => line.length <= TITLE_CHARS_MAX && /^\s*test\(["`]/.test(line);

function functionProblems(path: string, text: string): readonly Problem[] {
  const functions: Node[] = [];
  const chapters: Node[] = [];
  const measure = (node: Node): void => {
    functions.push(node);
  };
  new Visitor({
    CallExpression(call) {
      if (path.startsWith("test/") && CHAPTER_WORDS.has(rootOf(call) ?? "")) chapters.push(call);
    },
    ArrowFunctionExpression: measure,
    FunctionDeclaration: measure,
    FunctionExpression: measure,
  }).visit(parseSync(path, text).program);

  // What holds tests is a chapter and no function.
  const isChapter = ({ start, end }: Node): boolean => chapters.some((call) => start < call.start && call.end < end);
  return functions.flatMap((node) => {
    const line = lineAt(text, node.start);
    const count = lineAt(text, node.end) - line + 1;
    if (count <= FUNCTION_LINES_MAX || isChapter(node)) return [];
    return [{ path, line, text: `a function of ${count} lines, at most ${FUNCTION_LINES_MAX}` }];
  });
}

const CHAPTER_WORDS = new Set(["describe", "it", "test"]);
const TEST_WORDS = new Set(["bench", "describe", "it", "suite", "test"]);
const SILENT_WORDS = new Set(["only", "skip", "todo"]);

/** A test that is switched off proves nothing; what a machine may lack goes through test/support/needs.ts. */
function skipProblems(path: string, text: string): readonly Problem[] {
  const problems: Problem[] = [];
  new Visitor({
    MemberExpression(member) {
      if (member.computed || member.property.type !== "Identifier" || !SILENT_WORDS.has(member.property.name)) return;
      const root = rootOf(member);
      if (root === undefined || !TEST_WORDS.has(root)) return;
      problems.push({ path, line: lineAt(text, member.start), text: `${root}.${member.property.name} is left over` });
    },
  }).visit(parseSync(path, text).program);
  return problems;
}

/** `describe` for `describe.each(...)("...", ...)`: the name that a chain of members and calls begins with. */
function rootOf(node: Node | CallExpression): string | undefined {
  if (node.type === "CallExpression") return rootOf(node.callee);
  if (node.type === "MemberExpression") return rootOf(node.object);
  return node.type === "Identifier" ? node.name : undefined;
}
