/**
 * Generate: one prompt, and the text that answers it.
 *
 * @module
 */
import type { Asked } from "../run.ts";
import { makingOf } from "./making.ts";
import type { GenerateRequest } from "./schema.ts";
import type { TextShape } from "./text.ts";

export function generateJob(request: GenerateRequest): Asked {
  const { system } = request;
  const prompt = request.prompt ?? "";
  if (!system || prompt === "") return { ...makingOf(request), prompt };
  const messages = [{ role: "system", content: system } as const, { role: "user", content: prompt } as const];
  return { ...makingOf(request), messages };
}

export const GENERATE: TextShape = ({ text }) => ({ response: text });
