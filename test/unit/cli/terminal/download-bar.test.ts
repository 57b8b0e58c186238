/**
 * Goal: a person sees how far a download is, how fast it goes and how long it takes; a log is not flooded.
 *
 * @see src/cli/terminal/download-bar.ts
 * @module
 */
import { describe, expect, test } from "vitest";
import { barText, downloadBar, plainText, stepText } from "../../../../src/cli/terminal/download-bar.ts";
import { loadingLine } from "../../../../src/cli/terminal/loading-line.ts";
import type { DownloadView } from "../../../../src/protocol/download-api.ts";

const progress = (given: Partial<DownloadView> = {}): DownloadView => ({
  model: "hf:o/r:Q8_0",
  step: "fetching",
  presentBytes: 1.2e9,
  totalBytes: 3.2e9,
  bytesPerSecond: 25e6,
  ...given,
});

const stream = (isTTY: boolean) => {
  const written: string[] = [];
  return {
    written,
    stream: { isTTY, columns: 60, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream,
  };
};

describe("the bar of a download", () => {
  test("shows size, rate and the time that is left", () => {
    expect(barText(progress())).toBe("[#########---------------]  37 %  1.20 GB of 3.20 GB  25.0 MB/s  1 min left");
    expect(barText(progress({ bytesPerSecond: 0 }))).toBe("[#########---------------]  37 %  1.20 GB of 3.20 GB");
    expect(barText(progress({ step: "checking", presentBytes: 3.2e9 }))).toBe(
      "[########################] 100 %  checking",
    );
  });

  test("shows a copy from another machine as it does a download, and from which it is", () => {
    const copied = progress({ from: "beta" });
    expect(barText(copied)).toBe(`${barText(progress())}  from beta`);
    expect(plainText(copied)).toBe("copying hf:o/r:Q8_0 from beta: 1.20 GB of 3.20 GB  25.0 MB/s  1 min left");
    expect(stepText(copied)).toBe("copying 37 %");
    expect(plainText(progress({ from: "beta", step: "checking" }))).toBe("checking hf:o/r:Q8_0");
  });

  test("says why it waits", () => {
    const trouble = { code: "hub.busy", message: "the hub answers 429" };
    expect(plainText(progress({ step: "waiting", trouble }))).toBe("trying again: the hub answers 429");
    expect(barText(progress({ step: "resolving" }))).toBe("asking the hub for hf:o/r:Q8_0");
  });

  test("is a word or two in a column", () => {
    const trouble = { code: "hub.busy", message: "the hub answers 429" };
    const steps = [progress(), progress({ step: "waiting", trouble }), progress({ totalBytes: 0 })];
    expect(steps.map(stepText)).toEqual(["fetching 37 %", "waiting: hub.busy", "fetching"]);
    expect(stepText(progress({ step: "resolving" }))).toBe("asking the hub");
  });

  test("is shown the same to whoever waits for an answer of the model, and is gone before the answer", () => {
    const [{ written: bars, stream: first }, { written: lines, stream: second }] = [stream(true), stream(true)];
    downloadBar(first).show(progress());
    const { model, ...download } = progress();
    const line = loadingLine(second);
    line.show({ type: "loading", model, fraction: 0.375, step: "download", download });
    expect(lines).toEqual(bars);
    line.show({ type: "loading", model, fraction: 0.5, step: "load" });
    line.show({ type: "token", token: "hello", index: 0 });
    expect(lines.slice(1)).toEqual([`\r\u001B[2Kloading ${model} 50 %`, "\r\u001B[2K"]);
  });

  test("is drawn anew in one line of a terminal, and cleared", () => {
    const { written, stream: to } = stream(true);
    const bar = downloadBar(to);
    bar.show(progress());
    bar.clear();
    bar.clear();
    expect(written.map((text) => text.replace("\r\u001B[2K", "<"))).toEqual([
      expect.stringMatching(/^<\[#.{57}$/),
      "<",
    ]);
  });

  test("is a plain line for each step, and now and then, where there is no terminal", () => {
    const { written, stream: to } = stream(false);
    const bar = downloadBar(to);
    for (let at = 0; at < 50; at += 1) bar.show(progress({ presentBytes: at }));
    bar.show(progress({ step: "checking" }));
    bar.clear();
    expect(written).toEqual([expect.stringContaining("fetching hf:o/r:Q8_0: 0 bytes of"), "checking hf:o/r:Q8_0\n"]);
  });
});
