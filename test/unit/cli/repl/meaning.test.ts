/**
 * Goal: what a typed line means: ME1-ME2 of meaning.ts, CM1 of completer.ts, ST1 of sessions-text.ts.
 */
import { describe, expect, test } from "vitest";
import { completed } from "../../../../src/cli/repl/completer.ts";
import { completionsOf, HELP, meaningOf, saidOf } from "../../../../src/cli/repl/meaning.ts";
import {
  foundText,
  historyText,
  isFoundIn,
  sessionsText,
  specialistsText,
} from "../../../../src/cli/repl/sessions-text.ts";

const TEAM = ["divergent", "convergent", "critical"];
const said = (text: string) => saidOf(meaningOf(text), TEAM);

describe("a line", () => {
  test.each([
    ["/help", { type: "command", name: "/help", argument: "" }],
    ["/alone  What is\na hive?", { type: "command", name: "/alone", argument: "What is\na hive?" }],
    ["/etc/hosts is what?", { type: "words", text: "/etc/hosts is what?" }],
    ["What is / for?", { type: "words", text: "What is / for?" }],
  ])("ME1 %j is %j", (text, meaning) => {
    expect(meaningOf(text)).toEqual(meaning);
  });

  test.each([
    ["what of the cost?", { text: "what of the cost?" }],
    ["@critical look at\nthe cost", { text: "look at\nthe cost", to: "critical" }],
    ["@critical", { text: "@critical" }],
    ["/mute divergent", { order: "mute", agent: "divergent" }],
    ["/unmute @divergent", { order: "unmute", agent: "divergent" }],
    ["/extend 60", { order: "extend", seconds: 60 }],
    ["/extend 2m", { order: "extend", seconds: 120 }],
    ["/vote", { order: "vote" }],
    ["/stop", { order: "stop" }],
    ["/help", undefined],
  ])("ME2 while they talk %j tells them %j", (text, told) => {
    expect(said(text)).toEqual(told);
  });

  test.each(["/mute", "/mute nobody", "@nobody listen", "/extend", "/extend much"])("%j is refused", (text) => {
    expect(() => said(text)).toThrow(/divergent|seconds/);
  });

  test("the page of help fits 80 columns", () => {
    for (const line of HELP.split("\n")) expect(line.length).toBeLessThan(80);
  });
});

describe("Tab", () => {
  const tab = (line: string) => completed(line, completionsOf(line, TEAM));

  test("CM1 it adds what all that could be meant have in common, and a space behind the only one", () => {
    expect(tab("/he")).toEqual({ rest: "lp ", others: [] });
    expect(tab("/mute c")).toEqual({ rest: "", others: ["convergent", "critical"] });
    expect(tab("/mute cr")).toEqual({ rest: "itical ", others: [] });
    expect(tab("@d")).toEqual({ rest: "ivergent ", others: [] });
    expect(tab("/s")).toEqual({
      rest: "",
      others: ["/status", "/sessions", "/search", "/specialists", "/stats", "/session", "/stop"].toSorted(),
    });
    expect(tab("/mode d")).toEqual({ rest: "iscuss ", others: [] });
  });

  test("CM1 words that are no command are left as they are", () => {
    expect(tab("what is a h")).toEqual({ rest: "", others: [] });
  });
});

describe("what was asked before", () => {
  const asked = (request: string, answer?: string) => ({
    discussion: "d",
    request,
    mode: "alone" as const,
    at: 0,
    ...(answer === undefined ? {} : { answer }),
  });
  const sessions = [
    { session: "s2", at: 86_400_000, asked: [asked("What is\u001B[2J a hive?", "A home of bees.")] },
    { session: "s1", at: 0, asked: [asked("蜂".repeat(100)), asked("two")] },
  ];

  test("ST1 each session is a line that fits, the newest last", () => {
    const lines = sessionsText(sessions).split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/s1 {2}蜂+… \(and 1 more\) \(they talk\)$/);
    expect(lines[1]).toMatch(/^19\d\d-\d\d-\d\d \d\d:\d\d {2}s2 {2}What is a hive\?$/);
    const damaged = sessions.slice(0, 1).map((its) => ({ ...its, damaged: ["d1.ndjson has no event in line 1"] }));
    expect(sessionsText(damaged)).toMatch(/ \(1 damaged\)$/);
    expect(sessionsText([])).toBe("nothing was asked yet");
  });

  test("a session's history has questions and answers", () => {
    expect(historyText(sessions[0])).toBe("> What is a hive?\n  A home of bees.");
    expect(historyText(undefined)).toBe("nothing was asked here yet");
  });

  test("words are found in questions and answers, whatever their case", () => {
    expect(foundText(sessions, "HOME")).toBe("s2  A home of bees.");
    expect(foundText(sessions, "wasp")).toBe("wasp is nowhere in what was asked, said and answered");
  });

  test("ST2 words are found in what the user said while they talked, in what runs as in what has ended", () => {
    const talk = { said: ["It must be cheap.", "And it is to be \u001B[2Jblue."] };
    const talked = [
      { session: "s2", at: 2, asked: [{ ...asked("Which hive?"), ...talk }] },
      { session: "s1", at: 1, asked: [asked("one", "1"), { ...asked("Which roof?", "A red one."), ...talk }] },
    ];
    expect(foundText(talked, "BLUE").split("\n")).toEqual(["s1  And it is to be blue.", "s2  And it is to be blue."]);
    expect(talked.map(({ asked: all }) => all.map((one) => isFoundIn(one, "Cheap")))).toEqual([[true], [false, true]]);
  });

  test("who can discuss is listed, those who do first", () => {
    const text = specialistsText([
      { name: "scribe", colour: "cyan", duty: "writes", inTeam: false },
      { name: "critical", colour: "red", duty: "doubts", inTeam: true },
    ]);
    expect(text.split("\n").slice(0, 2)).toEqual(["* critical  doubts", "  scribe    writes"]);
  });
});
