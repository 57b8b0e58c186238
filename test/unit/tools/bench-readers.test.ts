/**
 * Goal: a stream that loses a token, repeats one or has no end does not pass for a whole one.
 * Method: the readers of `rbee bench streams`, as the program they are, at a door that says what it likes.
 * Cites RD1 of tools/bench/readers.ts.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Program } from "../../../tools/bench/program.ts";
import type { ReadersTold } from "../../../tools/bench/readers.ts";

const token = (index: number): string =>
  `event: token\nid: ${index}\ndata: ${JSON.stringify({ index, token: `${index} ` })}\n\n`;
const done = (total: number): string => `event: done\ndata: ${JSON.stringify({ done: true, total_tokens: total })}\n\n`;

async function read(events: string): Promise<ReadersTold> {
  const door = createServer((request, response) => {
    if (request.method === "POST") response.writeHead(202).end(JSON.stringify({ events_url: "/events" }));
    else response.writeHead(200).end(events);
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  const readers = await Program.start("readers.ts");
  onTestFinished(() => {
    readers.end();
    door.closeAllConnections();
    door.close();
  });
  const { port } = door.address() as AddressInfo;
  await readers.ask({ kind: "open", port, body: "{}", jobs: 2, readers: 3 });
  return (await readers.ask({ kind: "await" })) as ReadersTold;
}

test("RD1 a stream that is whole passes, and its tokens are counted", async () => {
  const told = await read([token(0), token(1), token(2), done(3)].join(""));
  expect(told).toEqual({ streams: 6, tokens: 18, wrong: {} });
});

test.each([
  ["loses a token in the middle", [token(0), token(2), done(3)], "a token out of its place"],
  ["loses its last token", [token(0), token(1), done(3)], "tokens lost"],
  ["repeats a token", [token(0), token(0), token(1), done(2)], "a token out of its place"],
  ["turns two tokens round", [token(1), token(0), done(2)], "a token out of its place"],
  ["breaks off", [token(0), token(1)], "has no end"],
])("RD1 a stream that %s is counted", async (_how, events, why) => {
  expect((await read(events.join(""))).wrong).toEqual({ [why]: 6 });
});
