/**
 * Goal: what many want is done once, for as long as anybody wants it.
 *
 * @see src/hosts/models/flights.ts, FL1 FL2
 * @module
 */
import { describe, expect, test } from "vitest";
import { Flights } from "../../../../src/hosts/models/flights.ts";

function scene() {
  const flights = new Flights<number, string>();
  const begun: { tell: (progress: number) => void; signal: AbortSignal; end: PromiseWithResolvers<string> }[] = [];
  const work = (tell: (progress: number) => void, signal: AbortSignal): Promise<string> => {
    const end = Promise.withResolvers<string>();
    begun.push({ tell, signal, end });
    return end.promise;
  };
  const join = (signal = new AbortController().signal) => {
    const heard: number[] = [];
    return { heard, result: flights.join("k", work, (progress) => void heard.push(progress), signal) };
  };
  return { begun, join };
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("work that many want", () => {
  test("FL1 is done once; who comes late hears how far it is, and all get its end", async () => {
    const { begun, join } = scene();
    const first = join();
    await turn();
    begun[0]?.tell(1);
    const second = join();
    begun[0]?.tell(2);
    begun[0]?.end.resolve("done");
    expect(await Promise.all([first.result, second.result])).toEqual(["done", "done"]);
    expect([first.heard, second.heard, begun.length]).toEqual([[1, 2], [1, 2], 1]);
    void join();
    await turn();
    expect(begun).toHaveLength(2);
  });

  test("FL2 is given up when the last has left, and not before", async () => {
    const { begun, join } = scene();
    const [a, b] = [new AbortController(), new AbortController()];
    const [first, second] = [join(a.signal), join(b.signal)];
    await turn();
    a.abort(new Error("a left"));
    await expect(first.result).rejects.toThrow("a left");
    expect(begun[0]?.signal.aborted).toBe(false);
    b.abort(new Error("b left"));
    await expect(second.result).rejects.toThrow("b left");
    expect(begun[0]?.signal.aborted).toBe(true);
    void join();
    await turn();
    expect(begun).toHaveLength(2);
  });
});
