/**
 * Whether two machines may talk, and the handshake in which they find out.
 */
import { describe, expect, test } from "vitest";
import { judge } from "../../../../src/net/link/hello.ts";
import { hear, say } from "../../../../src/net/link/words.ts";
import { helloFrom } from "../../../support/link-net.ts";
import { linkStage } from "../../../support/link-stage.ts";

const self = helloFrom("a");
const codeOf = (verdict: ReturnType<typeof judge>) => (verdict.ok ? "welcome" : verdict.error.code);

describe("a hello", () => {
  test("HE1 the highest version that both speak is spoken", () => {
    const ours = helloFrom("a", { versions: { min: 2, max: 5 } });
    const theirs = helloFrom("b", { versions: { min: 1, max: 4 } });
    expect(judge(ours, theirs)).toEqual({ ok: true, version: 4 });
    expect(judge(theirs, ours)).toEqual({ ok: true, version: 4 });
  });

  test("HE1 without a version in common it is refused, and the reason names what each side speaks", () => {
    const verdict = judge(self, helloFrom("b", { versions: { min: 3, max: 4 } }));
    expect(verdict).toMatchObject({
      ok: false,
      error: { code: "link.version", details: { theirs: "versions 3 to 4", ours: "versions 1 to 2" } },
    });
  });

  test("HE2 a machine of another cluster is refused, and the reason names both", () => {
    expect(judge(self, helloFrom("b", { cluster: "office" }))).toMatchObject({
      ok: false,
      error: { code: "link.cluster", details: { theirs: "office", ours: "home" } },
    });
  });

  test("HE2 who answers must be who was dialled, and be what its certificate says", () => {
    expect(codeOf(judge(self, helloFrom("b"), { node: "c" }))).toBe("link.foreign");
    expect(codeOf(judge(self, helloFrom("b", { roles: ["queen"] }), { roles: ["hive"] }))).toBe("link.role");
    expect(codeOf(judge(self, helloFrom("b"), { node: "b", roles: ["hive", "store"] }))).toBe("welcome");
  });

  test("HE3 a second machine of one name is refused", () => {
    expect(codeOf(judge(self, helloFrom("a", { instance: "copy" })))).toBe("link.duplicate");
    expect(codeOf(judge(self, helloFrom("b"), {}, { life: 1, instance: "b-other" }))).toBe("link.duplicate");
  });

  test("HE4 RC3 a life older than the last one let in is refused; the same and a later one are let in", () => {
    const seen = { life: 4, instance: "b-4" };
    expect(judge(self, helloFrom("b", { life: 3 }), {}, seen)).toMatchObject({
      ok: false,
      error: { code: "link.stale", details: { theirs: 3, ours: 4 } },
    });
    expect(codeOf(judge(self, helloFrom("b", { life: 4, instance: "b-4" }), {}, seen))).toBe("welcome");
    expect(codeOf(judge(self, helloFrom("b", { life: 5, instance: "b-5" }), {}, seen))).toBe("welcome");
  });

  test("W2 what a later version added to it is passed over", () => {
    expect(hear(JSON.stringify({ ...self, colour: "red" }))).toEqual(self);
    expect(hear(say(self))).toEqual(self);
  });

  test("W1 what is no word, or too long for one, is nothing", () => {
    for (const text of ["", "{", "null", "[]", '{"word":"hi"}', say({ ...self, node: "a b" }), " ".repeat(5000)]) {
      expect(hear(text)).toBeUndefined();
    }
  });
});

describe("the handshake of a link", () => {
  test("LK1 both sides are up once each has welcomed the other", () => {
    const { net, a, b } = linkStage();
    net.run(20);
    expect([a.up?.node, b.up?.node]).toEqual(["b", "a"]);
  });

  test.each([
    ["link.version", { versions: { min: 7, max: 9 } }],
    ["link.cluster", { cluster: "office" }],
    ["link.duplicate", { node: "a" }],
  ] as const)("RC5 %s: refused with the same reason on both sides, and nothing is handed on", (code, wrong) => {
    const { net, a, b } = linkStage({ b: { self: wrong } });
    net.run(20);
    expect([a.closed.map((reason) => reason.code), b.closed.map((reason) => reason.code)]).toEqual([[code], [code]]);
    expect([a.up, b.up]).toEqual([undefined, undefined]);
  });

  test("LK1 RC5 frames before the welcome are not read: the link ends", () => {
    const { net, a, b } = linkStage();
    b.socket.hear(Buffer.alloc(64));
    net.run(20);
    expect(b.closed.map(({ code }) => code)).toEqual(["link.handshake"]);
    expect([b.up, b.heard, a.up]).toEqual([undefined, [], undefined]);
  });

  test("LK1 a welcome before any hello, and a second hello, are out of turn", () => {
    for (const words of [['{"word":"welcome"}'], [say(helloFrom("a")), say(helloFrom("a"))], ["hello"]]) {
      const { net, b } = linkStage();
      net.run(0);
      for (const word of words) b.socket.hear(word);
      expect(b.closed.map(({ code }) => code)).toEqual(["link.handshake"]);
    }
  });

  test("LK1 who says nothing is cut off after the time for greeting", () => {
    const { net, a, b } = linkStage();
    a.socket.isCut = true;
    net.run(6000);
    expect(b.closed.map(({ code }) => code)).toEqual(["link.handshake"]);
  });
});
