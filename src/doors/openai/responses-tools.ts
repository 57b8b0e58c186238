/**
 * Tools as clients of the Responses API send them, as schemas, and as functions of a job.
 *
 *  RT1 A function of a namespace is one function under both their names, and is told to the client by each of them.
 *  RT2 What a server would run itself is an offer, which a model may leave alone: beside functions it is left out, and
 *      the response says so by naming the tools that there were. With nothing else to call it is refused by its name.
 *
 * @see https://platform.openai.com/docs/guides/tools
 * @module
 */
import { z } from "zod";
import type { ToolFunction } from "../../../machines/request.ts";
import { LIMITS } from "../../protocol/api.ts";
import { toolName } from "../../protocol/dialogue-api.ts";
import { RbeeError } from "../../protocol/errors.ts";

const description = z.string().max(LIMITS.descriptionChars).nullish();

const functionTool = z.object({
  type: z.literal("function", { error: "only functions are possible here" }),
  name: toolName,
  description,
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});
type FunctionTool = z.infer<typeof functionTool>;

const namespaceTool = z.object({
  type: z.literal("namespace"),
  name: toolName,
  description,
  tools: z.array(functionTool).min(1).max(LIMITS.tools),
});

const hostedTool = z.object({
  type: z.enum([
    "web_search",
    "web_search_2025_08_26",
    "web_search_preview",
    "web_search_preview_2025_03_11",
    "image_generation",
    "tool_search",
  ]),
});

export const tools = z
  .array(
    z.discriminatedUnion("type", [functionTool, namespaceTool, hostedTool], {
      error: "only functions are possible here",
    }),
  )
  .max(LIMITS.tools);
type Tools = z.infer<typeof tools>;

/** A function as the client calls it. */
interface ClientName {
  readonly name: string;
  readonly namespace?: string;
}

interface SaidName {
  readonly name: string;
  readonly namespace?: string | null | undefined;
}

const SEPARATOR = "__";

/** RT1. @returns what a job calls it */
export function jobName({ name, namespace }: SaidName): string {
  if (namespace === undefined || namespace === null) return name;
  return namespace.endsWith(SEPARATOR) ? `${namespace}${name}` : `${namespace}${SEPARATOR}${name}`;
}

/** RT1. */
export function clientName(called: string, given: Tools | null | undefined): ClientName {
  for (const tool of given ?? []) {
    if (tool.type !== "namespace") continue;
    const found = tool.tools.find(({ name }) => jobName({ name, namespace: tool.name }) === called);
    if (found !== undefined) return { name: found.name, namespace: tool.name };
  }
  return { name: called };
}

/** RT2. @throws RbeeError request.invalid */
export function functionsOf(given: Tools | null | undefined): readonly ToolFunction[] | undefined {
  const functions = given?.flatMap((tool): ToolFunction[] => {
    if (tool.type === "function") return [functionOf(tool)];
    if (tool.type !== "namespace") return [];
    return tool.tools.map((one) => functionOf(one, tool.name));
  });
  const [first] = given ?? [];
  if (first === undefined || functions === undefined || functions.length > 0) return functions;
  const [field, allowed] = ["tools.0.type", "a function, which the client calls itself"];
  throw new RbeeError("request.invalid", `${field}: found ${first.type}; allowed: ${allowed}`, {
    field,
    found: first.type,
    allowed,
  });
}

/** RT2. As an answer names them: what was not said of one stands there as nothing. */
export const offered = (given: Tools | null | undefined): readonly object[] =>
  (given ?? []).flatMap((tool): object[] => {
    if (tool.type === "function") return [told(tool)];
    return tool.type === "namespace" ? [{ ...tool, tools: tool.tools.map(told) }] : [];
  });

const told = ({ description: said = null, parameters = null, strict = null, ...tool }: FunctionTool): object => ({
  ...tool,
  description: said,
  parameters,
  strict,
});

const functionOf = (
  { name, description: said, parameters, strict }: FunctionTool,
  namespace?: string,
): ToolFunction => ({
  name: jobName({ name, namespace }),
  description: said ?? undefined,
  parameters: parameters ?? undefined,
  strict: strict ?? undefined,
});
