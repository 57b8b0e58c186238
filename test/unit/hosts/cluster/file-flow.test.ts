/**
 * Goal: a file of any size goes through a link as fast as it is read, and both ends hear when it ends early.
 * Method: two real ends of a link on virtual time, a real file.
 *
 * @see src/hosts/cluster/file-flow.ts, FF1 to FF3
 * @module
 */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { FileReaders, FileSenders, SENDING_MAX } from "../../../../src/hosts/cluster/file-flow.ts";
import { readTalk } from "../../../../src/hosts/cluster/talk.ts";
import { PIPE_CREDIT_BYTES } from "../../../../src/net/link/pipes.ts";
import { errorData, RbeeError } from "../../../../src/protocol/errors.ts";
import { waitUntil } from "../../../support/children.ts";
import { linkedHosts } from "../../../support/link-stage.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const WITHIN_MS = 20_000;
const WANTED = { model: "m", part: 0, fromByte: 0 };
const NEVER = new AbortController().signal;

/** `a` asks, `b` has the file. */
function stage(bytes: number) {
  const path = join(temporaryFolder(), "file");
  const content = randomBytes(bytes);
  writeFileSync(path, content);
  const { net, a, b } = linkedHosts();
  const [readers, senders] = [new FileReaders(), new FileSenders()];
  a.onPipe = (reader) => readers.pipe("b", reader);
  const ends: Promise<void>[] = [];
  const open = (fromByte = 0, signal = NEVER, pathOf = () => Promise.resolve(path)) =>
    readers.open("b", { ...WANTED, fromByte }, (talk) => ends.push(senders.send(b.link, talk, pathOf)) > 0, signal);
  /** Time goes on while it is waited for. */
  const passing = async <Value>(wanted: Promise<Value>): Promise<Value> => {
    let isOver = false;
    const over = wanted.finally(() => (isOver = true));
    over.catch(() => {});
    await waitUntil(() => {
      net.run(10);
      for (const note of a.notes.splice(0)) {
        const talk = readTalk(note);
        if (talk.kind === "unsent") readers.unsent("b", talk.id, talk.message);
      }
      return isOver;
    }, WITHIN_MS);
    return over;
  };
  return { net, a, b, readers, senders, content, open, passing, ends };
}

test("FF1 a file comes whole and in order, from an offset too", async () => {
  const { content, open, passing } = stage(3_000_000);
  expect((await passing(buffer(await passing(open())))).equals(content)).toBe(true);
  expect((await passing(buffer(await passing(open(2_999_000))))).equals(content.subarray(2_999_000))).toBe(true);
});

test("FF1 FF3 who does not read is sent no more than the credit of a pipe, and when it leaves the sender stops", async () => {
  const { net, b, open, passing, ends } = stage(8_000_000);
  const file = await passing(open());
  // It looks, and takes nothing.
  file.on("readable", () => {});
  let [before, stands] = [-1, 0];
  await waitUntil(() => {
    net.run(10);
    stands = file.readableLength === before ? stands + 1 : 0;
    before = file.readableLength;
    return stands === 50;
  }, WITHIN_MS);
  expect(file.readableLength).toBeLessThanOrEqual(2 * PIPE_CREDIT_BYTES);
  expect(b.closed).toEqual([]);
  file.destroy();
  await passing(Promise.all(ends));
});

test("FF2 FF3 machine.away: who asks for too many, for what is not there, or of a machine that goes, is told", async () => {
  const { a, readers, open, passing } = stage(1_000_000);
  const codeOf = async (asked: Promise<unknown>): Promise<string> =>
    passing(asked).then(
      () => "opened",
      (thrown: unknown) => errorData(thrown).code,
    );
  const absent = (): Promise<string> => Promise.reject(new RbeeError("model.absent", "it is not here"));
  expect(await codeOf(open(0, NEVER, absent))).toBe("machine.away");
  const opened = await Promise.all(Array.from({ length: SENDING_MAX }, () => passing(open())));
  expect(await codeOf(open())).toBe("machine.away");
  const broken = buffer(opened[0] ?? (await open()));
  a.link.close();
  expect(await codeOf(broken)).toBe("machine.away");
  const late = open().catch((thrown: unknown) => errorData(thrown).code);
  readers.lost("b");
  // At once, and not when its time is over.
  expect(await Promise.race([late, new Promise((resolve) => setImmediate(resolve))])).toBe("machine.away");
});
