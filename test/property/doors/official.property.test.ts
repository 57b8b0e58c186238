/**
 * Goal: whatever a job says and however it ends, every answer and every event is what the official clients declare,
 * with no field missing and none that they do not know.
 * Method: generated jobs, told whole and streamed in every dialect; each thing that is sent is laid against the
 * published type of it, made strict, and against the document of the API.
 *
 * @see src/protocol/route.ts, SH1; src/doors/openapi.ts, OD3; src/doors/openai/response-events.ts, OE3
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { anthropicRoutes } from "../../../src/doors/anthropic/routes.ts";
import { ollamaRoutes } from "../../../src/doors/ollama/routes.ts";
import { openaiRoutes } from "../../../src/doors/openai/routes.ts";
import type { RunSeat } from "../../../src/doors/run.ts";
import type { StreamItem } from "../../../src/protocol/ports.ts";
import type { Route, ServerEvent } from "../../../src/protocol/route.ts";
import { DialectStage, done, failed, pieces, type Said } from "../../support/dialect-stage.ts";
import { modelsSeat } from "../../support/models-seat.ts";
import { breachesOf, type ContractName } from "../../support/official/contracts.ts";
import { namedIn, untoldIn } from "../../support/official/documented.ts";

const nobody = (): Promise<never> => Promise.reject(new Error("not asked"));
const openai = (seat: RunSeat): readonly Route[] => openaiRoutes(seat, () => 0);
const ollama = (seat: RunSeat): readonly Route[] =>
  ollamaRoutes({ ...seat, status: nobody, stopWorker: nobody }, modelsSeat(), () => 0);

interface Door {
  readonly routesOf: (seat: RunSeat) => readonly Route[];
  readonly path: string;
  readonly body: object;
  /** What is asked of a stream beside that. */
  readonly streaming?: object;
  readonly whole: ContractName;
  readonly event: ContractName;
  /** Of a stream that breaks. */
  readonly broken: ContractName;
  readonly hasCalls?: true;
  /** Server-sent events where it is not given. */
  readonly media?: "application/x-ndjson";
}

const messages = [{ role: "user", content: "Hello" }];
const parameters = { type: "object", properties: { a: { type: "string" } } };
const tool = { type: "function", function: { name: "act", parameters } };

const DOORS: readonly Door[] = [
  {
    routesOf: openai,
    path: "/v1/chat/completions",
    body: { model: "m", messages, tools: [tool] },
    streaming: { stream_options: { include_usage: true } },
    whole: "openai chat",
    event: "openai chat chunk",
    broken: "openai error",
    hasCalls: true,
  },
  {
    routesOf: openai,
    path: "/v1/completions",
    body: { model: "m", prompt: "Hello" },
    streaming: { stream_options: { include_usage: true } },
    whole: "openai completion",
    event: "openai completion chunk",
    broken: "openai error",
  },
  {
    routesOf: openai,
    path: "/v1/responses",
    body: {
      model: "m",
      input: "Hello",
      tools: [
        { type: "function", name: "act", parameters },
        { type: "function", name: "rest" },
      ],
    },
    whole: "openai response",
    event: "openai response event",
    broken: "openai response event",
    hasCalls: true,
  },
  {
    routesOf: anthropicRoutes,
    path: "/v1/messages",
    body: { model: "m", max_tokens: 9, messages },
    whole: "anthropic message",
    event: "anthropic event",
    broken: "anthropic error",
    hasCalls: true,
  },
  {
    routesOf: ollama,
    path: "/api/generate",
    body: { model: "m", prompt: "Hello" },
    whole: "ollama generate",
    event: "ollama generate line",
    media: "application/x-ndjson",
    broken: "ollama error",
  },
  {
    routesOf: ollama,
    path: "/api/chat",
    body: { model: "m", messages, tools: [tool] },
    whole: "ollama chat",
    event: "ollama chat line",
    media: "application/x-ndjson",
    broken: "ollama error",
    hasCalls: true,
  },
];

const words = fc.array(fc.string({ maxLength: 4 }), { maxLength: 4 });
const call = fc.tuple(fc.constantFrom("act", "rest"), fc.dictionary(fc.constantFrom("a", "b"), fc.string()));

/** Text, then what is called; a job that was cut may end inside a call. */
const job = fc.record({
  words,
  calls: fc.array(call, { maxLength: 2 }),
  isCut: fc.boolean(),
  stop: fc.constantFrom(undefined, "END"),
});
type Job = typeof job extends fc.Arbitrary<infer One> ? One : never;

function itemsOf({ words: texts, calls, isCut, stop }: Job, hasCalls: boolean): StreamItem[] {
  const called = hasCalls ? calls : [];
  const said = called.flatMap(([name, given], index): Said[] => {
    const json = JSON.stringify(given);
    const isLast = isCut && index === called.length - 1;
    return [
      ["call", name],
      ["arguments", isLast ? json.slice(0, 1) : json],
    ];
  });
  const finish = isCut ? "length" : called.length > 0 ? "tool_calls" : "stop";
  return [
    ...pieces(...texts.map((text): Said => ["text", text]), ...said),
    done(finish, finish === "stop" && stop !== undefined ? { stop } : {}),
  ];
}

/** Everything that a stream of this job holds, how it breaks among it. */
async function streamed({ routesOf, path, body, streaming }: Door, items: readonly StreamItem[]) {
  const stage = new DialectStage(routesOf, ...items);
  return stage.whole(path, { ...body, ...streaming, stream: true });
}

const untoldOf = ({ path, media }: Door, { event, data }: ServerEvent): readonly string[] =>
  untoldIn(`POST ${path}`, 200, media ?? "text/event-stream", media === undefined ? namedIn(event, data) : data);

describe.each(DOORS.map((door) => [door.path, door] as const))("%s", (_path, door) => {
  const { routesOf, path, body, hasCalls = false } = door;

  test.prop([job])("SH1 OD3 an answer is what its type says", async (given) => {
    const stage = new DialectStage(routesOf, ...itemsOf(given, hasCalls));
    const answer = await stage.json(path, { ...body, stream: false });
    expect(breachesOf(door.whole, answer)).toEqual([]);
    expect(untoldIn(`POST ${path}`, 200, "application/json", answer)).toEqual([]);
  });

  test.prop([job])("SH1 OD3 each event of a stream is what its type says", async (given) => {
    const { sent } = await streamed(door, itemsOf(given, hasCalls));
    for (const event of sent) {
      if (event.isWord !== true) expect(breachesOf(door.event, event.data)).toEqual([]);
      expect(untoldOf(door, event)).toEqual([]);
    }
  });

  test.prop([job, fc.constantFrom("worker.hung", "endpoint.busy", "context.overflow")])(
    "SH1 OD3 a stream that breaks says so in its own form",
    async (given, code) => {
      const items = [...itemsOf(given, hasCalls).slice(0, -1), failed(code)];
      const { sent, broken } = await streamed(door, items);
      for (const { data } of sent) expect(breachesOf(door.event, data)).toEqual([]);
      expect(broken.at(-1)?.event).toBe("error");
      for (const event of broken) {
        expect(breachesOf(door.broken, event.data)).toEqual([]);
        expect(untoldOf(door, event)).toEqual([]);
      }
    },
  );
});
