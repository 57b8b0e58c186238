/**
 * Grammars in the notation of llama.cpp, read without it: whether a text is one of a grammar, and texts that are.
 *
 * Owns the part of the notation that is used here. Rules may refer to themselves, but not as the first thing they say.
 *
 * @module
 */
type Node =
  | { readonly type: "all" | "any"; readonly parts: readonly Node[] }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "class"; readonly pattern: RegExp; readonly chars: readonly string[] }
  | { readonly type: "rule"; readonly name: string }
  | { readonly type: "again"; readonly part: Node; readonly least: number; readonly most: number };

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|(\[(?:[^\]\\]|\\.)*\])|(\{\d+(?:,\d*)?\}|[*+?])|([()|])|([\w-]+))/y;
/** What a class is sampled from: every digit, since a class may be of any few of them. */
const SAMPLES = Array.from('azAZ0123456789+-éø"\\/bfnrt \t\n');

export class Gbnf {
  readonly #rules: ReadonlyMap<string, Node>;

  constructor(grammar: string) {
    const lines = grammar.split("\n").map((line) => line.split(" ::= "));
    this.#rules = new Map(lines.map(([name = "", ...said]) => [name, new Reader(said.join(" ::= ")).read()]));
  }

  matches(text: string): boolean {
    return this.#ends(this.#rule("root"), text, new Set([0]), new Map()).has(text.length);
  }

  /** @param choose a number from 0 up to, and not, its argument */
  sample(choose: (count: number) => number): string {
    return this.#sample(this.#rule("root"), choose, 0);
  }

  #rule(name: string): Node {
    const rule = this.#rules.get(name);
    if (rule === undefined) throw new Error(`no rule ${name}`);
    return rule;
  }

  /** @returns where what begins at these places may end */
  #ends(node: Node, text: string, from: ReadonlySet<number>, known: Map<string, ReadonlySet<number>>): Set<number> {
    const next = (part: Node, at: ReadonlySet<number>): Set<number> => this.#ends(part, text, at, known);
    switch (node.type) {
      case "all":
        return node.parts.reduce((at, part) => next(part, at), new Set(from));
      case "any":
        return new Set(node.parts.flatMap((part) => [...next(part, from)]));
      case "text":
        return new Set([...from].filter((at) => text.startsWith(node.text, at)).map((at) => at + node.text.length));
      case "class":
        return new Set([...from].filter((at) => node.pattern.test(text[at] ?? "")).map((at) => at + 1));
      case "rule": {
        const ends = [...from].flatMap((at) => {
          const key = `${node.name} ${at}`;
          if (!known.has(key)) known.set(key, next(this.#rule(node.name), new Set([at])));
          return [...(known.get(key) ?? [])];
        });
        return new Set(ends);
      }
      case "again": {
        let at = new Set(from);
        const all = new Set(node.least === 0 ? from : []);
        for (let count = 1; count <= node.most && at.size > 0; count += 1) {
          at = next(node.part, at);
          if (count > node.least) for (const end of all) at.delete(end);
          if (count >= node.least) for (const end of at) all.add(end);
        }
        return all;
      }
    }
  }

  #sample(node: Node, choose: (count: number) => number, depth: number): string {
    switch (node.type) {
      case "all":
        return node.parts.map((part) => this.#sample(part, choose, depth)).join("");
      case "any": {
        // What is deep already ends: the first of the alternatives here is never the one that goes deeper.
        const part = node.parts[depth > 12 ? 0 : choose(node.parts.length)];
        return part === undefined ? "" : this.#sample(part, choose, depth);
      }
      case "text":
        return node.text;
      case "class":
        return node.chars[choose(node.chars.length)] ?? "";
      case "rule":
        return this.#sample(this.#rule(node.name), choose, depth + 1);
      case "again": {
        const more = Math.min(node.most - node.least, depth > 12 ? 0 : 3);
        const count = node.least + choose(more + 1);
        return Array.from({ length: count }, () => this.#sample(node.part, choose, depth)).join("");
      }
    }
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Node {
    const choices: Node[] = [];
    let parts: Node[] = [];
    for (let token = this.#next(); token !== undefined && token !== ")"; token = this.#next()) {
      if (token === "|") {
        choices.push({ type: "all", parts });
        parts = [];
      } else if (/^[{*+?]/.test(token)) {
        const part = parts.pop();
        if (part === undefined) throw new Error(`nothing before ${token}`);
        parts.push({ type: "again", part, ...countsOf(token) });
      } else parts.push(token === "(" ? this.read() : leaf(token));
    }
    return choices.length === 0
      ? { type: "all", parts }
      : { type: "any", parts: [...choices, { type: "all", parts } as const] };
  }

  #next(): string | undefined {
    if (this.#text.slice(this.#at).trim() === "") return undefined;
    TOKEN.lastIndex = this.#at;
    const found = TOKEN.exec(this.#text);
    if (found === null) throw new Error(`not read: ${this.#text.slice(this.#at, this.#at + 40)}`);
    this.#at = TOKEN.lastIndex;
    return found.slice(1).find((token) => token !== undefined);
  }
}

function leaf(token: string): Node {
  if (token.startsWith('"')) return { type: "text", text: JSON.parse(token) as string };
  if (!token.startsWith("[")) return { type: "rule", name: token };
  const pattern = new RegExp(`^${token}$`, "s");
  return { type: "class", pattern, chars: SAMPLES.filter((char) => pattern.test(char)) };
}

function countsOf(token: string): { readonly least: number; readonly most: number } {
  const [least = "", most = least] = { "*": ["0", ""], "+": ["1", ""], "?": ["0", "1"] }[token] ?? [
    ...token.slice(1, -1).split(","),
  ];
  return { least: Number(least), most: most === "" ? Infinity : Number(most) };
}
