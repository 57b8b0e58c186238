/**
 * `rbee knowledge list|search|add|forget|export`.
 *
 *  KC1 Whoever holds the home is asked; where nobody does, a node of our own for as long as it takes.
 *  KC2 What is told of forgetting is what became of it: where it stood, and where its words are still kept.
 *
 * @module
 */
import { LABELS } from "../../../machines/rules/label.ts";
import { knowledgeMarkdown } from "../../doors/knowledge.ts";
import { tellFacts } from "../facts.ts";
import { refuse } from "../options.ts";
import { forgottenText, knowledgeText, knownText } from "../repl/knowledge-text.ts";
import type { Run, RunCommand } from "../run.ts";
import { withQueen } from "../session/session.ts";

export const list: RunCommand = (run) =>
  withQueen(run, async (client) => {
    const knowledge = await client.knowledge();
    return tellFacts(run, { knowledge }, `${knowledgeText(knowledge)}\n`);
  });

export const search: RunCommand = (run) =>
  withQueen(run, async (client) => {
    const found = await client.searchKnowledge(textIn(run, "what is looked for?"));
    return tellFacts(run, found, `${knownText(found)}\n`);
  });

export const add: RunCommand = (run) =>
  withQueen(run, async (client) => {
    const text = textIn(run, "what is to be known?");
    const flag = run.options.text("--privacy");
    const id = await client.teach(text, flag === undefined ? undefined : run.options.oneOf("--privacy", LABELS));
    return tellFacts(run, { id }, `${id} is known\n`);
  });

export const forget: RunCommand = (run) =>
  withQueen(run, async (client) => {
    const forgotten = await client.forgetKnown(textIn(run, "which? `rbee knowledge list` names them"));
    return tellFacts(run, forgotten, `${forgottenText(forgotten)}\n`);
  });

export const exportKnowledge: RunCommand = (run) =>
  withQueen(run, async (client) => {
    const format = run.options.oneOf("--format", ["json", "md"]);
    const knowledge = await client.knowledge();
    const json = `${JSON.stringify({ schemaVersion: 1, knowledge })}\n`;
    await run.output.data(format === "md" ? knowledgeMarkdown(knowledge) : json);
    return 0;
  });

const textIn = ({ args }: Run, question: string): string => {
  const text = args.join(" ").trim();
  return text === "" ? refuse(question) : text;
};
