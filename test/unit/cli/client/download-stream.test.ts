/**
 * Goal: whoever follows a download hears of its end, however often the connection breaks before.
 *
 * @see src/cli/client/download-stream.ts, DS1
 * @module
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { downloadEvents } from "../../../../src/cli/client/download-stream.ts";

const MODEL = "hf:o/r:Q8_0";
const frame = (event: string, data: object): string =>
  `event: ${event}\ndata: ${JSON.stringify({ model: MODEL, ...data })}\n\n`;
const progress = (presentBytes: number): string =>
  frame("progress", { step: "fetching", presentBytes, totalBytes: 9, bytesPerSecond: 1 });

/** Each connection gets the next piece, and is then cut. */
async function heardOf(pieces: readonly string[]): Promise<readonly string[]> {
  const left = [...pieces];
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(left.shift() ?? "", () => response.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const heard: string[] = [];
  for await (const event of downloadEvents({ url, token: undefined }, "/progress", new AbortController().signal)) {
    heard.push(event.type === "progress" ? `${event.presentBytes}` : event.type);
  }
  return heard;
}

test("DS1 a connection that breaks is never an end: it is taken up again until done or error", async () => {
  const end = frame("error", { code: "hub.refused", message: "no", advice: "" });
  expect(await heardOf([progress(1), "", progress(2) + frame("later", {}), progress(3) + end])).toEqual([
    "1",
    "2",
    "3",
    "error",
  ]);
});

test("DS1 an end that cannot be read is told, and not waited for", async () => {
  await expect(heardOf(['event: done\ndata: {"model":7}\n\n'])).rejects.toMatchObject({ code: "defect" });
});
