/**
 * Goal: LG1-LG3 of logs/log-file.ts, LL1 of logs/log-line.ts.
 * Method: real files, rotated, emptied and linked under the reader's hands.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasLog, readLog } from "../../../src/cli/logs/log-file.ts";
import { harmless, lineInWords } from "../../../src/cli/logs/log-line.ts";
import { waitUntil } from "../../support/children.ts";
import { needs } from "../../support/needs.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const HEARD_WITHIN_MS = 5_000;

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, n) => `line ${from + n}\n`).join("");

class Logs {
  readonly logs = temporaryFolder();
  readonly node = join(this.logs, "node.log");
}

describe("what may be read", () => {
  test("LG1 no link leads out of the folder, whether it is the file or a folder; one that leads to the folder may", async () => {
    const { logs, node } = new Logs();
    const elsewhere = temporaryFolder();
    writeFileSync(join(elsewhere, "w-1.log"), "secret\n");
    symlinkSync(join(elsewhere, "w-1.log"), node);
    symlinkSync(elsewhere, join(logs, "workers"));
    expect(await hasLog({ folder: logs, name: "node.log" })).toBe(false);
    expect(await hasLog({ folder: logs, name: "workers/w-1.log" })).toBe(false);
    expect(await hasLog({ folder: join(logs, "workers"), name: "w-1.log" })).toBe(true);
  });

  test("LG1 what is no plain file holds nobody", needs("mkfifo"), async () => {
    const { logs, node } = new Logs();
    execFileSync("mkfifo", [node]);
    mkdirSync(join(logs, "daemon.log"));
    expect(await hasLog({ folder: logs, name: "node.log" })).toBe(false);
    expect(await hasLog({ folder: logs, name: "daemon.log" })).toBe(false);
  });
});

describe("a line", () => {
  test("that is structured is told in words, and any other as it came", () => {
    const line = '{"level":40,"time":1700000000000,"pid":7,"hostname":"h","msg":"slow","worker":"w-1","ms":12}';
    expect(lineInWords(line)).toBe("2023-11-14T22:13:20.000Z warn slow worker=w-1 ms=12");
    for (const other of ["plain", "{", "[1]", '{"msg":"no level"}']) expect(lineInWords(other)).toBe(other);
  });

  test("LL2 is one line, whatever its particulars hold", () => {
    const line = JSON.stringify({ time: 0, level: 30, msg: "a\nb", model: "evil\n{\u001B[2J", plain: "as it is" });
    expect(lineInWords(line)).toBe(
      String.raw`1970-01-01T00:00:00.000Z info "a\nb" model="evil\n{\u001b[2J" plain=as it is`,
    );
  });

  test("LL1 cannot move the cursor of a terminal", () => {
    expect(harmless("a\u001B[2Jb\rc\td\u009B1m")).toBe("a?[2Jb?c\td?1m");
  });
});

describe("following", () => {
  /** What was read so far, and the end of it. */
  function follow(me: Logs, lines = 10) {
    const enough = new AbortController();
    const heard: string[] = [];
    const ended = (async () => {
      const log = { folder: me.logs, name: "node.log", lines, until: enough.signal };
      for await (const line of readLog(log)) heard.push(line);
    })();
    const hears = (line: string): Promise<number> => waitUntil(() => heard.at(-1) === line, HEARD_WITHIN_MS);
    return { heard, hears, stop: () => (enough.abort(), ended) };
  }

  test("LG2 over many rotations no line is missed and none comes twice", async () => {
    const me = new Logs();
    const following = follow(me);
    for (let file = 0; file < 12; file++) {
      const from = file * 50 + 1;
      appendFileSync(me.node, numbered(from, from + 20));
      if (file % 3 === 0) await following.hears(`line ${from + 20}`);
      appendFileSync(me.node, numbered(from + 21, from + 49));
      await following.hears(`line ${from + 49}`);
      renameSync(me.node, `${me.node}.old`);
    }
    await following.stop();
    expect(following.heard.join("\n")).toBe(numbered(1, 600).trimEnd());
  });

  test("LG2 what was written to the old file before it went away is read from it", async () => {
    const me = new Logs();
    writeFileSync(me.node, "one\n");
    const following = follow(me);
    await following.hears("one");
    appendFileSync(me.node, "two\nthree\n");
    renameSync(me.node, `${me.node}.old`);
    writeFileSync(me.node, "four\n");
    await following.hears("four");
    await following.stop();
    expect(following.heard).toEqual(["one", "two", "three", "four"]);
  });

  test("begins again with a file that was emptied", async () => {
    const me = new Logs();
    writeFileSync(me.node, numbered(1, 20));
    const following = follow(me, 1);
    await following.hears("line 20");
    truncateSync(me.node);
    appendFileSync(me.node, "anew\n");
    await following.hears("anew");
    await following.stop();
    expect(following.heard).toEqual(["line 20", "anew"]);
  });

  test("LG3 a line without an end is cut to pieces, of which none is lost", async () => {
    const me = new Logs();
    const following = follow(me);
    writeFileSync(me.node, "x".repeat(1_000_000));
    await waitUntil(() => following.heard.length >= 5, HEARD_WITHIN_MS);
    appendFileSync(me.node, "\nnext\n");
    await following.hears("next");
    appendFileSync(me.node, "half");
    await following.stop();
    const pieces = following.heard.filter((line) => line.startsWith("x"));
    expect(pieces.join("")).toHaveLength(1_000_000);
    for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(128 * 1024);
  });
});
