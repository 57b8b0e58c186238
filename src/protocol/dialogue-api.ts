/**
 * What is said in a chat, what may be called in it and how tokens are chosen, as schemas of rbee's own dialect.
 *
 * @module
 */
import { z } from "zod";

export const DIALOGUE_LIMITS = {
  messages: 10_000,
  messageChars: 1_000_000,
  tools: 512,
  callsInMessage: 64,
  descriptionChars: 32_768,
  callIdChars: 128,
} as const;

/** Such a name needs no quoting, in whatever way a model writes it. */
export const toolName = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, { error: "1 to 128 letters, digits, _ and -" });
export const callId = z.string().min(1).max(DIALOGUE_LIMITS.callIdChars);
const content = z.string().max(DIALOGUE_LIMITS.messageChars);

export const toolCall = z.strictObject({
  id: callId,
  name: toolName,
  /** A JSON object, as text. */
  arguments: z.string().max(DIALOGUE_LIMITS.messageChars),
});

const chatMessage = z.discriminatedUnion("role", [
  z.strictObject({ role: z.enum(["system", "user"]), content }),
  z.strictObject({
    role: z.literal("assistant"),
    content: content.default(""),
    tool_calls: z.array(toolCall).min(1).max(DIALOGUE_LIMITS.callsInMessage).optional(),
  }),
  z.strictObject({ role: z.literal("tool"), content, tool_call_id: callId }),
]);
export type DialogueMessage = z.infer<typeof chatMessage>;

const functionTool = z.strictObject({
  name: toolName,
  description: z.string().max(DIALOGUE_LIMITS.descriptionChars).optional(),
  /** A schema of an object. */
  parameters: z.record(z.string(), z.unknown()).optional(),
  /** Arguments are held to all of that, or it is refused; otherwise to what can be held of it. */
  strict: z.boolean().optional(),
});

/** Of whatever asks for text. */
export const dialogueShape = {
  messages: z.array(chatMessage).min(1).max(DIALOGUE_LIMITS.messages).optional(),
  tools: z.array(functionTool).max(DIALOGUE_LIMITS.tools).optional(),
  /** A name: that one is called. */
  tool_choice: z.union([z.enum(["auto", "none", "required"]), z.strictObject({ name: toolName })]).optional(),
  parallel_tool_calls: z.boolean().optional(),
};

/** How a token is chosen, where it is not left to the engine. */
export const samplingShape = {
  top_k: z.int().min(1).max(100_000).optional(),
  top_p: z.number().min(0).max(1).optional(),
  min_p: z.number().min(0).max(1).optional(),
  repeat_penalty: z.number().min(0.1).max(10).optional(),
  presence_penalty: z.number().min(-2).max(2).optional(),
  frequency_penalty: z.number().min(-2).max(2).optional(),
};
