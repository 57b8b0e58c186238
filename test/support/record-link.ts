/**
 * What two machines say to each other over a link, message by message, and the record that is kept of it for a version.
 *
 * Owns: reading frames, sorting what they say by what it is, writing it as it is kept. Does not own: what is said
 * (test/integration/link-record.test.ts), or what is asked of the record (test/unit/net/link/recorded.test.ts).
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { FrameWriter, type LinkLane, readFrame } from "../../src/net/link/frame.ts";
import { Gather } from "../../src/net/link/gather.ts";
import type { Mail } from "../../src/net/link/mail.ts";
import { type LinkMessage, MESSAGE_BYTES_MAX, packMail, packSignal, readMessage } from "../../src/net/link/messages.ts";
import { hear } from "../../src/net/link/words.ts";
import type { Frame } from "../../src/runtime/envelope.ts";

/** As it is kept: bytes are shown in base64, for JSON has none. */
export interface Recorded {
  readonly name: string;
  readonly lane: LinkLane;
  /** In base64. */
  readonly frame: string;
  readonly message: unknown;
}

export interface LinkRecord {
  readonly version: number;
  readonly hello: string;
  readonly messages: readonly Recorded[];
}

export interface HeardMessage {
  /** What it is, in a few words: `note facts`, `mail hive start.worker`. */
  readonly name: string;
  readonly lane: LinkLane;
  readonly message: LinkMessage;
}

type Line = { readonly text: string } | { readonly frame: string };

/** All that one side has said, as link-tap-preload.ts has written it. */
export function saidIn(file: string): { readonly hello: string; readonly messages: readonly HeardMessage[] } {
  let reader = new MessageReader();
  let hello = "";
  const messages: HeardMessage[] = [];
  for (const line of readFileSync(file, "utf8").trimEnd().split("\n")) {
    const said = JSON.parse(line) as Line;
    if ("frame" in said) messages.push(...reader.read(Buffer.from(said.frame, "base64")));
    else if (hear(said.text)?.word === "hello") {
      // With each connection lanes begin anew.
      reader = new MessageReader();
      hello = said.text;
    }
  }
  return { hello, messages };
}

/** Whole messages out of the frames of one side; pipes have none. */
export class MessageReader {
  readonly #gather = new Gather(MESSAGE_BYTES_MAX);

  read(frame: Buffer): readonly HeardMessage[] {
    return readFrame(frame).pieces.flatMap((piece) => {
      const { lane } = piece;
      const bytes = lane === "bulk" ? undefined : this.#gather.push(lane, piece);
      if (bytes === undefined) return [];
      const message = readMessage(bytes);
      return namesOf(message).map((name) => ({ name, lane, message }));
    });
  }
}

/** One of mail has one for each of its frames. */
function namesOf(message: LinkMessage): readonly string[] {
  if (message.kind === "note") return [`note ${noteName(message.value as Readonly<Record<string, unknown>>)}`];
  if (message.kind !== "mail") return [message.kind];
  return message.frames.map((frame) => {
    if (frame.kind === "mail") return `mail ${frame.envelope.to.split("/")[1] ?? ""} ${frame.envelope.event.type}`;
    if (frame.kind === "answer") return `answer ${frame.result.ok ? frame.result.event.type : "refused"}`;
    return frame.kind;
  });
}

function noteName({ kind, question, result }: Readonly<Record<string, unknown>>): string {
  const asked = (question as { readonly type: string } | undefined)?.type;
  // Which question it answers is told by what it says.
  const told = result === undefined ? undefined : Object.keys((result as { readonly value?: object }).value ?? {});
  return [String(kind), ...(asked === undefined ? [] : [asked]), ...(told ?? []).toSorted()].join(" ");
}

/** One of each name, the first that was said; of mail also many together, which are packed in another way. */
export function samplesOf(heard: readonly HeardMessage[]): readonly HeardMessage[] {
  const first = new Map<string, HeardMessage>();
  for (const each of heard) if (!first.has(each.name)) first.set(each.name, each);
  const together = [...first.values()].flatMap(({ lane, message }) => {
    const told = message.kind === "mail" ? message.frames.find(isTold) : undefined;
    if (message.kind !== "mail" || told === undefined) return [];
    return [{ name: "mail together", lane, message: { ...message, frames: Array.from({ length: 8 }, () => told) } }];
  });
  return [...first.values(), ...together.slice(0, 1)];
}

/** Nobody answers it. */
const isTold = (frame: Frame): boolean => frame.kind === "mail" && frame.envelope.re === undefined;

/** @param hide what of this machine is not to be kept */
export function writeRecord(
  folder: URL,
  { version, hello, samples }: { version: number; hello: string; samples: readonly HeardMessage[] },
  hide: (text: string) => string,
): void {
  const messages = samples.map(({ name, lane, message }, at): Recorded => {
    const shown = mapped(message, hide) as LinkMessage;
    const [bytes = new Uint8Array()] =
      shown.kind === "mail" ? packMail(shown, { version, bytesMax: MESSAGE_BYTES_MAX }) : [packSignal(shown)];
    const writer = new FrameWriter();
    writer.add({ lane, pipe: 0, more: false, end: false, bytes });
    return { name, lane, frame: writer.finish(at + 1, at).toString("base64"), message: plain(shown) };
  });
  const record: LinkRecord = { version, hello: hide(hello), messages };
  const [json, events] = [new URL(`link-${version}.json`, folder), new URL(`link-${version}.ts`, folder)];
  writeFileSync(json, JSON.stringify(record));
  const shown = samples.map((each) => ({ ...each, message: mapped(each.message, hide) }));
  writeFileSync(events, typedEvents(eventsIn(shown), version));
  execFileSync("npx", ["oxfmt", json.pathname, events.pathname], { stdio: "ignore" });
}

/** What mail of the record says, by the kind of cell that it is for. */
export function eventsIn(
  messages: readonly Pick<Recorded, "name" | "message">[],
): Readonly<Record<string, readonly unknown[]>> {
  const found = new Map<string, unknown[]>();
  for (const { name, message } of messages) {
    const [, kind = "", type] = /^mail (\w+) (\S+)$/.exec(name) ?? [];
    if (type === undefined) continue;
    const { frames } = message as Mail;
    const frame = frames.find((each) => each.kind === "mail" && each.envelope.event.type === type);
    if (frame?.kind === "mail") found.set(kind, [...(found.get(kind) ?? []), frame.envelope.event]);
  }
  return Object.fromEntries(found);
}

/** No schema reads an event: the compiler has to say whether its machine still knows it. */
const typedEvents = (events: ReturnType<typeof eventsIn>, version: number): string => `/**
 * What mail of version ${version} says, for the compiler: written by test/integration/link-record.test.ts.
 *
 * @module
 */
${Object.keys(events)
  .map((kind) => `import type { ${typeOf(kind)} } from "../../${TYPES[kind]?.[1] ?? ""}";`)
  .join("\n")}

${Object.entries(events)
  .map(([kind, said]) => {
    // Of a name, so that more may have been said than the machine wants to know.
    const name = `TO_${kind.toUpperCase()}`;
    return `const ${name} = ${literal(said)} as const;\nexport const ${kind}: readonly ${typeOf(kind)}[] = ${name};\n`;
  })
  .join("\n")}`;

/** JSON has no word for what is said to be nothing. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return value === undefined ? "undefined" : JSON.stringify(value);
  const fields = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${literal(each)}`);
  return `{ ${fields.join(", ")} }`;
}

/** By the kind of cell: what it takes over a link, and where that is written. */
const TYPES: Readonly<Record<string, readonly [type: string, file: string]>> = {
  hive: ["HiveEvent", "machines/hive.ts"],
  queen: ["QueenEvent", "machines/queen-events.ts"],
  worker: ["ExecuteAsk", "src/protocol/worker.ts"],
};
const typeOf = (kind: string): string => TYPES[kind]?.[0] ?? "";

function mapped(value: unknown, text: (text: string) => string): unknown {
  if (typeof value === "string") return text(value);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((each) => mapped(each, text));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mapped(each, text)]));
}

/** As JSON has it. */
export const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value, shownBytes));

function shownBytes(this: Readonly<Record<string, unknown>>, name: string, value: unknown): unknown {
  // A Buffer has made itself something else by now.
  const given = this[name];
  return given instanceof Uint8Array ? `base64:${Buffer.from(given).toString("base64")}` : value;
}
