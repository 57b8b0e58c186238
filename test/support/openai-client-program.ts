/**
 * A program that somebody has written with the official OpenAI package: it asks once, streamed, and prints the answer.
 *
 * OPENAI_BASE_URL and OPENAI_API_KEY are the package's own; whom it trusts Node reads from NODE_EXTRA_CA_CERTS.
 *
 * @module
 */
import OpenAI from "openai";

const client = new OpenAI({ maxRetries: 0 });
const messages = [{ role: "user", content: "What is a hive?" }] as const;
const stream = await client.chat.completions.create({
  model: "starter",
  messages: [...messages],
  max_tokens: 6,
  temperature: 0,
  stream: true,
});
for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? "");
