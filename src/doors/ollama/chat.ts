/**
 * Chat: messages, and the one that answers them.
 *
 * @module
 */
import type { Asked } from "../run.ts";
import { makingOf } from "./making.ts";
import type { ChatRequest } from "./schema.ts";
import type { TextShape } from "./text.ts";

export function chatJob(request: ChatRequest): Asked {
  const messages = request.messages ?? [];
  return { ...makingOf(request), messages: messages.map(({ role, content }) => ({ role, content: content ?? "" })) };
}

export const CHAT: TextShape = (text) => ({ message: { role: "assistant", content: text } });
