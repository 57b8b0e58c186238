/**
 * Reads a .feature file: the part of Gherkin that these features are written in.
 *
 * Owns: Feature with its prose, Background, Scenario, the five step words, tables, comments. What is none of these is
 * refused with its line, so that nothing in a feature is ever passed over in silence.
 *
 * @module
 */

export interface Step {
  readonly keyword: string;
  readonly text: string;
  readonly line: number;
  /** The rows under it, each a list of cells. */
  readonly table: readonly (readonly string[])[];
}

export interface Scenario {
  readonly name: string;
  readonly line: number;
  /** The steps of the background stand first. */
  readonly steps: readonly Step[];
}

export interface Feature {
  readonly name: string;
  readonly scenarios: readonly Scenario[];
}

const HEADING = /^(Feature|Background|Scenario):\s*(.*)$/;
const STEP = /^(Given|When|Then|And|But) (.+)$/;

interface Draft {
  readonly name: string;
  readonly line: number;
  readonly steps: (Omit<Step, "table"> & { readonly table: string[][] })[];
}

/** @param file is named in what is thrown */
export function parseFeature(text: string, file: string): Feature {
  let name: string | undefined;
  let background: Draft | undefined;
  let current: Draft | undefined;
  const scenarios: Draft[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const content = raw.trim();
    const line = index + 1;
    if (content === "" || content.startsWith("#")) continue;
    const refuse = (why: string): never => {
      throw new Error(`${file}:${line}: ${why}: ${content}`);
    };
    const [, heading, title = ""] = HEADING.exec(content) ?? [];
    const [, keyword, sentence = ""] = STEP.exec(content) ?? [];
    if (heading === "Feature") {
      if (name !== undefined) refuse("a file holds one feature");
      name = title;
    } else if (heading === "Background") {
      if (background !== undefined || scenarios.length > 0) refuse("one background stands before the scenarios");
      current = background = { name: title, line, steps: [] };
    } else if (heading === "Scenario") {
      if (scenarios.some((other) => other.name === title)) refuse("this scenario stands here already");
      current = { name: title, line, steps: [] };
      scenarios.push(current);
    } else if (current === undefined) {
      if (name === undefined) refuse("a feature begins with its name");
    } else if (keyword !== undefined) {
      current.steps.push({ keyword, text: sentence, line, table: [] });
    } else if (content.startsWith("|") && content.endsWith("|")) {
      const row = content.slice(1, -1).split("|");
      (current.steps.at(-1) ?? refuse("a table belongs to a step")).table.push(row.map((cell) => cell.trim()));
    } else refuse("neither a step nor a table");
  }
  if (name === undefined) throw new Error(`${file}: no feature in it`);
  const before = background?.steps ?? [];
  return { name, scenarios: scenarios.map((one) => ({ ...one, steps: [...before, ...one.steps] })) };
}
