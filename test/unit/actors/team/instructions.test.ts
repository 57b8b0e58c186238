/**
 * Goal: what a program reads of a model is held to a form, and steps of one turn share what a worker has read already.
 *
 * @see src/actors/team/instructions.ts, IN1 and IN2; src/actors/team/replies.ts, RE1
 * @module
 */
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import type { Step } from "../../../../machines/specialist.ts";
import { isHeard, requestFor } from "../../../../src/actors/team/instructions.ts";
import { replyOf } from "../../../../src/actors/team/replies.ts";
import { assignment } from "../../../support/team-rows.ts";

const FORMS: readonly Step[] = ["claims", "bid", "object", "sample", "vote"];
const PROSE: readonly Step[] = ["draft", "speak", "answer", "summary", "final"];
const CLAIMS = [{ id: "c2", text: "It is far." }];
const its = assignment({ claims: CLAIMS, options: ["a", "b"] });
const chat = [{ role: "user", content: "What is 2+2?" }] as const;
const asked = (step: Step, given = its) => requestFor(step, given, "k", "What I wrote.");

describe("what is asked of a thinker", () => {
  test("IN1 is held to a form exactly where a program reads the answer; words for people are free, and heard", () => {
    expect(FORMS.filter((step) => asked(step).jsonSchema === undefined)).toEqual([]);
    expect(PROSE.filter((step) => asked(step).jsonSchema !== undefined)).toEqual([]);
    expect(FORMS.filter(isHeard)).toEqual([]);
    expect(PROSE.filter(isHeard)).toEqual(["draft", "speak", "answer", "final"]);
  });

  test.each([
    ["claims", { claims: ["It is near."] }],
    ["bid", { move: "object", why: "It is far." }],
    ["object", { claim: "c2", error: "It is near." }],
    ["sample", { steps: "2+2", answer: "4", sure: 10 }],
    ["vote", { choice: "b", sure: 0 }],
  ] as const)("IN1 what the form of a %s lets through is what is read, and what it forbids is not", (step, sound) => {
    const lets = new Ajv().compile(asked(step).jsonSchema as object);
    expect(lets(sound)).toBe(true);
    expect(replyOf(step, JSON.stringify(sound), its).type).not.toBe("malformed");
    for (const [key, wrong] of [
      [Object.keys(sound)[0] ?? "", "c9"],
      ["more", 1],
    ] as const) {
      expect(lets({ ...sound, [key]: key === "claims" ? [] : key === "steps" ? 4 : wrong })).toBe(false);
    }
  });

  test("IN1 nobody may object where there is nothing to object to", () => {
    const lets = new Ajv().compile(asked("bid", assignment()).jsonSchema as object);
    expect([lets({ move: "object", why: "no" }), lets({ move: "pass", why: "no" })]).toEqual([false, true]);
  });

  test("IN2 each step of a turn, and each thinker, begins with the same words", () => {
    const beginning = ({ messages = [] }: ReturnType<typeof asked>): string =>
      messages.map(({ content }) => content).join("\n");
    const steps = (["draft", "claims", "bid", "speak", "object", "vote"] as const).map((step) =>
      beginning(asked(step)),
    );
    const mine = `${its.system}\n${its.shared}\n\n${its.role}\n\n`;
    expect(steps.filter((text) => !text.startsWith(mine))).toEqual([]);
    const other = beginning(asked("bid", assignment({ role: "You are b." })));
    expect(other.startsWith(`${its.system}\n${its.shared}\n\n`)).toBe(true);
  });

  test("whoever answers alone is asked as in any chat, with all the room there is", () => {
    const alone = asked("answer", assignment({ chat, system: "Answer." }));
    expect(alone.messages).toEqual([{ role: "system", content: "Answer." }, ...chat]);
    expect(alone.maxTokens).toBeUndefined();
  });

  test("each job has the name of its step, its label, and a bound that its turn pays for", () => {
    const bid = asked("bid");
    const speak = asked("speak");
    expect(bid).toMatchObject({ idempotencyKey: "k", label: "private", seed: 4 });
    expect((bid.maxTokens ?? 0) + (speak.maxTokens ?? 0)).toBeLessThanOrEqual(its.tokensMax);
    expect(asked("final").maxTokens).toBe(its.tokensMax);
  });
});

describe("what a thinker answers", () => {
  test.each([
    ["claims", "no JSON"],
    ["claims", `{"claims":[]}`],
    ["claims", `{"claims":[" "]}`],
    ["bid", `{"move":"pass"}`],
    ["bid", `{"move":"maybe","why":""}`],
    ["bid", "I pass."],
    ["bid", ""],
    ["object", `{"claim":"c1","error":"wrong"}`],
    ["object", `{"claim":"c2","error":""}`],
    ["sample", `{"steps":"","answer":"4","sure":11}`],
    ["vote", `{"choice":"c","sure":1}`],
  ] as const)("RE1 thinker.malformed: a %s of %j is a failure", (step, text) => {
    expect(replyOf(step, text, its)).toMatchObject({ type: "malformed", code: "thinker.malformed" });
  });

  test.each(["draft", "speak", "answer", "summary", "final"] as const)(
    "RE1 thinker.empty: a %s without a word is a failure",
    (step) => {
      expect(replyOf(step, " \n", its)).toMatchObject({ type: "malformed", code: "thinker.empty" });
      expect(replyOf(step, " So. ", its)).toEqual({ type: "text", text: "So." });
    },
  );

  test("RE1 TS14 a pass is one only in its own form, and with what the model gave for it", () => {
    expect(replyOf("bid", `{"move":"pass","why":"said already"}`, its)).toEqual({ type: "pass", why: "said already" });
    expect(replyOf("speak", `{"move":"pass","why":"so"}`, its).type).toBe("malformed");
  });

  test("RE2 thinker.malformed: who was to speak and only passes has said nothing; as an answer it is one", () => {
    for (const text of ["[PASS].", "PASS", " (pass) "]) {
      for (const step of ["draft", "speak"] as const) {
        expect(replyOf(step, text, its)).toMatchObject({ type: "malformed", code: "thinker.malformed" });
      }
      expect(replyOf("answer", text, its)).toEqual({ type: "text", text: text.trim() });
    }
    expect(replyOf("speak", "Pass the salt.", its)).toEqual({ type: "text", text: "Pass the salt." });
  });

  test.each(["null", "undefined.", "NaN", " None", "[object Object]", "{}", "[]", `""`, "[null, {}]", `{"text": " "}`])(
    "RE3 thinker.empty: %j says nothing to others, and may be an answer",
    (text) => {
      for (const step of ["draft", "speak", "summary", "final"] as const) {
        expect(replyOf(step, text, its)).toMatchObject({ type: "malformed", code: "thinker.empty" });
      }
      expect(replyOf("answer", text, its)).toEqual({ type: "text", text: text.trim() });
    },
  );

  test.each(["{", "%%%", "]]>", "...", "---\n***", "<<<>>>"])(
    "RE3 thinker.empty: marks alone, as %j, are no words",
    (text) => {
      expect(replyOf("draft", text, its)).toMatchObject({ type: "malformed", code: "thinker.empty" });
    },
  );

  test.each(["42", "true", "Nein.", "否", "null is falsy", `{"answer": 42}`, "[false]", "`{}` is an empty object"])(
    "RE3 %j is a word",
    (text) => {
      expect(replyOf("draft", text, its)).toEqual({ type: "text", text });
    },
  );

  test("RE3 what holds nothing holds nothing however deep it is", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(replyOf("draft", deep, its)).toMatchObject({ type: "malformed" });
  });

  test("RE3 thinker.malformed: the form of a bid where words were asked for is neither words nor a pass", () => {
    for (const text of [`{"move":"sing"}`, `{"move":"speak","why":"I have read it"}`]) {
      expect(replyOf("draft", text, its)).toMatchObject({ type: "malformed", code: "thinker.malformed" });
    }
  });

  test("how sure it is goes from 0 to 1", () => {
    expect(replyOf("sample", `{"steps":"2+2","answer":" 4 ","sure":10}`, its)).toEqual({
      type: "sample",
      answer: "4",
      conf: 1,
    });
    expect(replyOf("vote", `{"choice":"b","sure":3}`, its)).toEqual({ type: "vote", choice: "b", conf: 0.3 });
  });
});
