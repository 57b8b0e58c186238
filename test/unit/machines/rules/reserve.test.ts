/**
 * Goal: what is booked never exceeds what a device has, less what is kept back, and the answer says all of its numbers.
 * Method: random sequences of requests and ends, whatever the machine says is free; and sums worked out by hand.
 *
 * @see machines/rules/reserve.ts, V1 to V6
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect, test as plain } from "vitest";
import { type Booked, type Limits, needBytes, promisedBytes, reserve } from "../../../../machines/rules/reserve.ts";
import { cpu, gpu, needs } from "../../../support/memory.ts";

const GIB = 2 ** 30;
const bytes = fc.nat(100);
const step = fc.oneof(fc.record({ needBytes: fc.nat(60), freeBytes: bytes }), fc.record({ end: fc.nat(10) }));
const limits = (headroomBytes: number, gpuMode: Limits["gpu"] = "auto"): Limits => ({ headroomBytes, gpu: gpuMode });
const booked = (reservedBytes: number, given: Partial<Booked> = {}): Booked => ({
  device: "cpu",
  reservedBytes,
  takenBytes: reservedBytes,
  leaving: false,
  ...given,
});

describe("a reservation", () => {
  test.prop([bytes, fc.nat(20), fc.array(step, { maxLength: 40, size: "max" })])(
    "V1 the sum of all never exceeds the machine less its headroom (RJ3)",
    (totalBytes, headroomBytes, steps) => {
      const rows: Booked[] = [];
      for (const each of steps) {
        if ("end" in each) {
          rows.splice(each.end, 1);
          continue;
        }
        const made = reserve(
          needs(each.needBytes),
          undefined,
          rows,
          [cpu(totalBytes, each.freeBytes)],
          limits(headroomBytes),
        );
        if (made.kind === "fits") rows.push(booked(made.bytes));
        const sum = rows.reduce((total, row) => total + row.reservedBytes, 0);
        expect(sum).toBeLessThanOrEqual(Math.max(0, totalBytes - headroomBytes));
        if (made.kind === "fits")
          expect(each.needBytes).toBeLessThanOrEqual(Math.max(0, each.freeBytes - headroomBytes));
      }
    },
  );

  test.prop([fc.nat(60), bytes, bytes, fc.nat(20)])(
    "V1 is given whenever both bounds leave room",
    (need, totalBytes, freeBytes, headroomBytes) => {
      const made = reserve(needs(need), undefined, [], [cpu(totalBytes, freeBytes)], limits(headroomBytes));
      expect(made.kind === "fits").toBe(need <= Math.min(totalBytes, freeBytes) - headroomBytes);
    },
  );

  test.prop([fc.nat(120), fc.nat(60), fc.nat(60)])(
    "V2 what is booked and not yet taken is given to nobody else, however much is free",
    (need, reservedBytes, takenBytes) => {
      const others = 20;
      const device = cpu(140, 140 - others - takenBytes);
      const made = reserve(needs(need), undefined, [booked(reservedBytes, { takenBytes })], [device], limits(0));
      const left = 140 - others - Math.max(reservedBytes, takenBytes);
      expect(made.kind === "fits").toBe(need <= left);
    },
  );

  test.prop([bytes, fc.nat(60), fc.nat(20), fc.array(fc.record({ reserved: fc.nat(40), taken: fc.nat(60) }))])(
    "V6 once so much is free, less what is promised, it fits, and with one byte less it does not",
    (freeBytes, need, headroomBytes, others) => {
      const rows = others.map(({ reserved, taken }) => booked(reserved, { takenBytes: taken }));
      const given = (free: number) => reserve(needs(need), undefined, rows, [cpu(100, free)], limits(headroomBytes));
      const made = given(freeBytes);
      const bookedBytes = others.reduce((sum, { reserved }) => sum + reserved, 0);
      if (made.kind !== "busy") return;
      expect(made.untilFreeBytes !== undefined).toBe(need <= 100 - headroomBytes - bookedBytes);
      if (made.untilFreeBytes === undefined) return;
      const enough = made.untilFreeBytes + promisedBytes(rows);
      expect([given(enough).kind, given(enough - 1).kind]).toEqual(["fits", "busy"]);
    },
  );

  plain("V4 waits for those that are stopping, is busy with the bytes that are missing, or is refused", () => {
    const rows = [booked(30), booked(20, { leaving: true })];
    const answer = (need: number) => reserve(needs(need), undefined, rows, [cpu(100, 50)], limits(10));
    expect([40, 41, 60, 61, 90, 91].map((need) => answer(need).kind)).toEqual([
      "fits",
      "waits",
      "waits",
      "busy",
      "busy",
      "refused",
    ]);
    expect(answer(75)).toMatchObject({ device: "cpu", missingBytes: 15 });
  });

  plain("V4 what other programs hold is not given by ending workers", () => {
    expect(reserve(needs(60), undefined, [booked(30)], [cpu(100, 10)], limits(0)).kind).toBe("refused");
  });

  plain("V5 a measured peak and its margin are booked in place of the estimate", () => {
    const estimate = needs(8 * GIB);
    expect(needBytes(estimate, undefined)).toBe(8 * GIB);
    expect(needBytes(estimate, 4 * GIB)).toBeGreaterThan(4 * GIB);
    expect(needBytes(estimate, 4 * GIB)).toBeLessThan(4.5 * GIB);
    expect(reserve(estimate, 4 * GIB, [], [cpu(6 * GIB)], limits(0))).toMatchObject({
      kind: "fits",
      why: expect.stringMatching(
        /^needs 4\.2 GiB, measured: an earlier load took 4\.0 GiB \(estimated weights 8\.0 GiB/,
      ),
    });
  });
});

describe("its words", () => {
  const model = needs(0, {
    weightsBytes: 8.1 * GIB,
    cacheBytes: 2.6 * GIB,
    bufferBytes: 0.4 * GIB,
    processBytes: 0.1 * GIB,
    perTokenBytes: (2.6 * GIB) / 8192,
    contextTokens: 8192,
    askedTokens: 8192,
  });

  plain("say what it needs, part by part, what can be given and why, and the context that would fit", () => {
    const { why } = reserve(model, undefined, [], [cpu(16 * GIB, 10.4 * GIB)], limits(0.5 * GIB));
    expect(why).toBe(
      "needs 11.2 GiB: weights 8.1 GiB + KV cache 2.6 GiB + buffers 410 MiB + process 102 MiB; " +
        "9.9 GiB can be given (free 10.4 GiB, booked 0 bytes, kept back 512 MiB); refused; " +
        "a context of 4096 would fit: set worker.contextTokens",
    );
  });

  plain("offer a context that really fits, and none where the weights alone do not", () => {
    const smaller = needs(0, { ...model, cacheBytes: (model.cacheBytes / 8192) * 4096, contextTokens: 4096 });
    const room = (freeBytes: number) => [cpu(16 * GIB, freeBytes)];
    expect(reserve(smaller, undefined, [], room(10.4 * GIB), limits(0.5 * GIB)).kind).toBe("fits");
    expect(reserve(model, undefined, [], room(8 * GIB), limits(0)).why).toMatch(/refused$/);
  });

  plain("name a context that is smaller than asked for, since the model was trained for no more", () => {
    const short = needs(1, { contextTokens: 2048, askedTokens: 4096, trainedTokens: 2048 });
    expect(reserve(short, undefined, [], [cpu(10)], limits(0)).why).toMatch(
      /it was trained for 2048 tokens, fewer than worker\.contextTokens 4096$/,
    );
  });
});

describe("V3 several devices", () => {
  const devices = [cpu(100), gpu("gpu0", 40, 20), gpu("gpu1", 40, 30)];
  const on = (need: number, mode: Limits["gpu"], rows: readonly Booked[] = []) =>
    reserve(needs(need), undefined, rows, devices, limits(10, mode));

  plain(
    "a model goes whole onto the GPU with the most room, else onto the processor, and it is said which and why",
    () => {
      expect(on(15, "auto")).toMatchObject({ kind: "fits", device: "gpu1", why: expect.stringMatching(/on gpu1$/) });
      expect(on(15, "auto", [booked(20, { device: "gpu1", takenBytes: 0 })])).toMatchObject({ device: "gpu0" });
      expect(on(50, "auto")).toMatchObject({
        device: "cpu",
        why: expect.stringMatching(/on the processor, since there is no room on gpu1, gpu0$/),
      });
    },
  );

  plain("without a GPU asked for it goes onto the processor, whatever GPUs there are", () => {
    expect(on(15, "none")).toMatchObject({ kind: "fits", device: "cpu" });
  });

  plain("headroom is kept back of the machine's own memory alone", () => {
    expect(on(30, "auto")).toMatchObject({ device: "gpu1" });
    expect(on(91, "none").kind).toBe("refused");
  });

  plain("a booking counts where it is", () => {
    expect(on(90, "none", [booked(40, { device: "gpu0" })]).kind).toBe("fits");
  });
});
