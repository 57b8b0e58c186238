/**
 * A stand-in for llama.cpp's llama-server: the same flags, the same doors, and the simulated engine's words.
 *
 * Its model's file says how it behaves, by its name: `slow` takes long to load, `broken` ends as the real one does on a
 * model that it does not know. Refuses an argument that it does not know, as the real one does.
 *
 * @module
 */
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { ModelServer } from "./model-server.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    alias: { type: "string" },
    host: { type: "string" },
    port: { type: "string" },
    "ctx-size": { type: "string" },
    parallel: { type: "string" },
    threads: { type: "string" },
    "n-gpu-layers": { type: "string" },
    "batch-size": { type: "string" },
    "no-context-shift": { type: "boolean" },
    embedding: { type: "boolean" },
  },
});
const { model = "", alias = "", port, "ctx-size": contextTokens, parallel } = values;
const key = process.env["LLAMA_API_KEY"];
if (values.host !== "127.0.0.1" || key === undefined) throw new Error("it would be open to others");

console.error(`llama-server: loads ${model}`);
if (basename(model).startsWith("broken")) {
  console.error("llama_model_load: error loading model: unknown model architecture: 'newer'");
  process.exit(1);
}
const server = await ModelServer.start({
  dialect: "openai",
  models: [alias],
  contextTokens: Number(contextTokens) / Number(parallel),
  key,
  port: Number(port),
});
if (basename(model).startsWith("slow")) {
  let polls = 0;
  server.mood = {
    instead({ path }, response) {
      if (path !== "/health" || polls++ > 3) return false;
      response.writeHead(503, { "content-type": "application/json" }).end(`{"error":{"message":"Loading model"}}`);
      return true;
    },
  };
}
process.once("SIGTERM", () => process.exit(0));
