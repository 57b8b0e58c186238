/**
 * Goal: a team at the terminal and through a pipe: AK1-AK2 of commands/ask.ts, FO1-FO2 of follow.ts, SH1-SH2 of
 * team/show.ts, BD1-BD2 of team/board.ts, RS1-RS2 of repl/respond.ts, PL4-PL5 of repl/prompt-line.ts, CV4 of
 * repl/conversation.ts.
 * Method: the program as a child process and in tmux, against a queen that tells recorded discussions.
 */
import { describe, expect, test } from "vitest";
import { homeEnvironment, keeper, type Surroundings } from "../support/keeper.ts";
import { needs } from "../support/needs.ts";
import { playingQueen } from "../support/playing-queen.ts";
import { DISCUSSION, opened, type Recorded, source, usage, VOTE } from "../support/recorded-log.ts";
import { scriptedQueen } from "../support/scripted-queen.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { terminal, type Terminal } from "../support/tmux.ts";

/** Until the first has spoken, and then only when somebody has said something to them. */
const AT = DISCUSSION.findIndex(({ type }) => type === "failed");
const WAITING: readonly Recorded[] = [...DISCUSSION.slice(0, AT), { type: "until said" }, ...DISCUSSION.slice(AT)];
const TURN = { agent: "divergent", turn: 1, basis: 0 } as const;
const begin = (name: string): Recorded[] => [
  opened("discuss", { agents: [{ name, colour: "blue", hash: "d" }] }),
  { type: "granted", ...TURN, agent: name, kind: "talk", reservedTokens: 1 },
];
const words = (text: string, offset: number): Recorded => ({ type: "token", ...TURN, offset, text });
/** Wide letters, drawn anew again and again, faster than a terminal is drawn. */
const WIDE: readonly Recorded[] = [
  ...begin("divergent"),
  ...Array.from({ length: 200 }, (_, index): Recorded[] => [
    words("蜂の巣🐝 ", index * 6),
    { type: "wait", ms: 2 },
  ]).flat(),
  { type: "until said" },
  { type: "contributed", ...TURN, text: "蜂の巣🐝 ".repeat(20), usage, source: source() },
  ...DISCUSSION.slice(-3),
];

/** What is drawn anew fills its line, and waits. */
const FULL = "one two three ".repeat(20);
const FILLED: readonly Recorded[] = [
  ...begin("divergent"),
  words(FULL, 0),
  { type: "until said" },
  { type: "contributed", ...TURN, text: FULL, usage, source: source() },
  ...DISCUSSION.slice(-3),
];

/** They do not end when they are told to. */
const DEAF: readonly Recorded[] = [...begin("divergent"), { type: "wait", ms: 60_000 }];

/** Nobody has said a word by the time that they are stopped. */
const MUTE: readonly Recorded[] = [...begin("divergent"), { type: "until said" }];

/** The queen alone, whose first words are lost with the server that said them. */
const QUEEN = { agent: "queen", turn: 1, basis: 0 } as const;
const ANEW: readonly Recorded[] = [
  opened("alone", { agents: [{ name: "queen", colour: "yellow", hash: "q" }] }),
  { type: "granted", ...QUEEN, kind: "answer", reservedTokens: 1 },
  { type: "token", ...QUEEN, offset: 0, text: "I begin well" },
  { type: "failed", agent: "queen", turn: 1, kind: "endpoint.lost", message: "it broke off" },
  { type: "granted", ...QUEEN, turn: 2, kind: "answer", reservedTokens: 1 },
  { type: "token", ...QUEEN, turn: 2, offset: 0, text: "I end well" },
  { type: "contributed", ...QUEEN, turn: 2, text: "I end well.", usage, source: source() },
  { type: "closing", reason: "exhausted" },
  { type: "closed" },
  {
    type: "final",
    upTo: 5,
    text: "I end well.",
    by: "contribution",
    minority: [],
    worth: { tokens: 15, ms: 10, contributions: 1, flips: 0 },
  },
];

interface Place {
  readonly queen: Awaited<ReturnType<typeof playingQueen>>;
  open(...args: readonly string[]): Terminal;
  run(args: readonly string[], more?: Surroundings): ReturnType<typeof keeper>;
}

async function place(): Promise<Place> {
  const queen = await playingQueen({
    discuss: DISCUSSION,
    vote: VOTE,
    wait: WAITING,
    wide: WIDE,
    filled: FILLED,
    deaf: DEAF,
    mute: MUTE,
    anew: ANEW,
  });
  const env = { RBEE_QUEEN: queen.url };
  const screen = { ...homeEnvironment(temporaryFolder()), ...env, TERM: "xterm-256color", LANG: "C.UTF-8" };
  return {
    queen,
    open: (...args) => terminal(args, screen),
    run: (args, more = {}) => keeper(args, { ...more, env }),
  };
}

const STOP = { type: "order", order: { order: "stop" } };
const ANSWER = "Keep two small machines: one of them may be lost.\n";

describe("rbee ask through a pipe", () => {
  test.each([
    ["discuss it", ANSWER],
    ["vote on it", "4\n"],
  ])("AK1 SH1 %j: stdout is the answer alone, and stderr is silent", async (text, answer) => {
    const { run } = await place();
    const child = run(["ask", text]);
    expect([await child.exitCode, child.stdout, child.stderr]).toEqual([0, answer, ""]);
  });

  test("AK1 without TEXT the whole input is the request, and an empty one is refused", async () => {
    const { queen, run } = await place();
    const child = run(["ask"], { input: "discuss\nboth lines\n" });
    expect([await child.exitCode, child.stdout]).toEqual([0, ANSWER]);
    expect(queen.requests).toEqual([{ request: "discuss\nboth lines" }]);
    const empty = run(["ask"], { input: "\n" });
    expect([await empty.exitCode, queen.requests.length]).toEqual([2, 1]);
  });

  test("the options reach the queen as the fields of a discussion", async () => {
    const { queen, run } = await place();
    const flags = ["--mode", "vote", "--session", "s7", "--deadline", "30s", "--private"];
    expect(await run(["ask", "vote on it", ...flags]).exitCode).toBe(0);
    const asked = { request: "vote on it", mode: "vote", session: "s7", deadline_ms: 30_000, privacy: "private" };
    expect(queen.requests).toEqual([asked]);
    expect(await run(["ask", "x", "--mode", "shout"]).exitCode).toBe(2);
  });

  test("AK1 with --json each line is an event, and the last is done with the session and the answer", async () => {
    const { run } = await place();
    const child = run(["ask", "discuss it", "--json"]);
    expect([await child.exitCode, child.stderr]).toEqual([0, ""]);
    const events = child.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string });
    expect(events.map(({ type }) => type)).toEqual([...DISCUSSION.map(({ type }) => type), "done"]);
    expect(events.at(-1)).toMatchObject({
      session: "s1",
      text: ANSWER.trim(),
      mode: "discuss",
      usage: { prompt_tokens: 60, completion_tokens: 30 },
      timings: { first_token_ms: expect.any(Number), total_ms: expect.any(Number) },
    });
  });

  test("a request that is refused is its error, on the last line with --json", async () => {
    const { run } = await place();
    const child = run(["ask", "unheard of", "--json"]);
    expect(await child.exitCode).toBe(2);
    expect(JSON.parse(child.stdout)).toMatchObject({
      type: "error",
      code: "request.invalid",
      advice: expect.any(String),
    });
  });

  test("SH2 of the queen alone the words come as she says them, also where the connection breaks", async () => {
    const queen = await scriptedQueen();
    const env = { RBEE_QUEEN: queen.url };
    const child = keeper(["ask", "say one, forever"], { env });
    await child.shows("one");
    child.process.kill("SIGINT");
    expect([await child.exitCode, child.stdout]).toEqual([130, "one\n"]);
    const broken = keeper(["ask", "say one, break, say _two"], { env });
    expect([await broken.exitCode, broken.stdout]).toEqual([0, "one two\n"]);
    const failed = keeper(["ask", "say one, fail worker.lost"], { env });
    expect([await failed.exitCode, failed.stdout]).toEqual([1, "one\n"]);
    expect(failed.stderr).toContain("worker.lost");
  });

  test("AK2 FO1 Ctrl-C stops a discussion, and what there is is the answer", async () => {
    const { queen, run } = await place();
    const child = run(["ask", "wait for me", "--json"]);
    await child.shows("contributed");
    child.process.kill("SIGINT");
    expect(await child.exitCode).toBe(130);
    expect(queen.said).toEqual([STOP]);
    expect(child.stdout).toContain("as far as they came");
    expect(child.stdout.trimEnd().split("\n").at(-1)).toContain("interrupted");
  });

  test("FO2 a reader that goes away stops the discussion, quietly", async () => {
    const { queen, run } = await place();
    const child = run(["ask", "wide letters", "--json"]);
    await child.shows("token");
    child.process.stdout.destroy();
    expect([await child.exitCode, child.stderr]).toEqual([0, ""]);
    expect(queen.said).toEqual([STOP]);
  });

  test("FO2 SIGTERM stops the discussion and waits for nothing", async () => {
    const { queen, run } = await place();
    const child = run(["ask", "wait for me"]);
    await expect.poll(() => queen.requests.length, { timeout: 15_000 }).toBe(1);
    child.process.kill("SIGTERM");
    expect([await child.exitCode, child.stdout]).toEqual([143, ""]);
    expect(queen.said).toEqual([STOP]);
  });
});

describe("a discussion at a terminal", needs("tmux"), () => {
  const conversation = async (): Promise<{ queen: Place["queen"]; screen: Terminal }> => {
    const { queen, open } = await place();
    const screen = open();
    await screen.shows(/^> ?$/m);
    return { queen, screen };
  };
  const send = (screen: Terminal, text: string): void => {
    screen.type(text);
    screen.press("Enter");
  };

  test("BD1 rbee ask leaves behind what was said, whole, and nothing of what was drawn anew", async () => {
    const { open } = await place();
    const shown = await open("ask", "discuss it").shows("exit 0");
    expect(shown).toContain("divergent 1, a sealed draft\n  One big machine is simpler to run than two small ones.\n");
    expect(shown).toContain("│ Keep two small machines: one of them may be lost.");
    expect(shown).toMatch(/discussion: 3 contributions, 1,234 tokens, 12\.3 s, 100 % agree, 1 flip\n+exit 0/);
    for (const live of ["...", "so far", "One big machine is simpler\n"]) expect(shown).not.toContain(live);
    for (const line of shown.split("\n")) expect(line.length).toBeLessThan(80);
  });

  test("SH2 the queen alone whose words were lost says so before she says others, at a terminal and nowhere else", async () => {
    const { open, run } = await place();
    const shown = await open("ask", "anew").shows("exit 0");
    expect(shown).toContain("I begin well\nThat broke off: she begins anew.\nI end well.\n");
    const child = run(["ask", "anew"]);
    expect([await child.exitCode, child.stdout, child.stderr]).toEqual([0, "I begin well\nI end well.\n", ""]);
  });

  test("RS2 CV4 a line is said to all, one behind @NAME to one, an order is one, and what follows is asked in the session", async () => {
    const { queen, screen } = await conversation();
    send(screen, "wait for me");
    await screen.shows("convergent 1, a sealed draft");
    send(screen, "/mute divergent");
    await screen.shows("you mute divergent");
    expect(queen.said).toEqual([{ type: "order", order: { order: "mute", agent: "divergent" } }]);
    await screen.shows("1 flip");
    send(screen, "wait again");
    await screen.shows(/again[^]*convergent 1, a sealed draft/);
    send(screen, "@critical look at the cost");
    expect(await screen.shows(/again[^]*1 flip/)).toContain("you to critical\n  look at the cost");
    expect(queen.requests).toEqual([{ request: "wait for me" }, { request: "wait again", session: "s1" }]);
    send(screen, "wait");
    await screen.shows(/> wait\n[^]*convergent 1, a sealed draft/);
    send(screen, "what of the noise?");
    await screen.shows("you\n  what of the noise?");
    expect(queen.said.slice(1)).toEqual([
      { type: "say", text: "look at the cost", to: "critical" },
      { type: "say", text: "what of the noise?" },
    ]);
  });

  test("RS1 PL4 Ctrl-C stops them and keeps what is half typed, which is then the beginning of the next request", async () => {
    const { queen, screen } = await conversation();
    send(screen, "wait for me");
    await screen.shows("convergent 1, a sealed draft");
    screen.type("discuss half");
    await screen.shows("> discuss half");
    screen.press("C-c");
    const stopped = await screen.shows("as far as they came");
    expect(stopped).toContain("you stop them");
    await screen.shows(/^> discuss half$/m);
    send(screen, " a thought");
    await screen.shows("1 flip");
    expect(queen.requests.at(-1)).toEqual({ request: "discuss half a thought", session: "s1" });
    expect(queen.said).toEqual([STOP]);
  });

  test("RS1 who stops them before anybody has spoken is told that they have stopped", async () => {
    const { screen } = await conversation();
    send(screen, "mute so far");
    await screen.shows("divergent 1 ...");
    screen.press("C-c");
    expect(await screen.shows(/\(stopped\)\n> ?$/)).toContain("you stop them");
  });

  test("who mistypes a session is told that nothing was asked in it", async () => {
    const { screen } = await conversation();
    send(screen, "/session elsewhere");
    expect(await screen.shows("nothing was asked in elsewhere yet")).toContain("what follows is the first");
  });

  test("RS1 the second Ctrl-C leaves them, and the program", async () => {
    const { queen, screen } = await conversation();
    send(screen, "deaf to all");
    await screen.shows("divergent 1 ...");
    screen.press("C-c");
    await screen.shows("you stop them");
    screen.press("C-c");
    await screen.shows("exit 130");
    expect(queen.said).toEqual([STOP]);
  });

  test("PL4 what Ctrl-C throws away can be recalled", async () => {
    const { queen, screen } = await conversation();
    screen.type("vote on it");
    await screen.shows("> vote on it");
    screen.press("C-c");
    await screen.shows(/vote on it\^C\n> ?$/);
    screen.press("Up", "Enter");
    await screen.shows("2 samples");
    expect(queen.requests).toEqual([{ request: "vote on it" }]);
  });

  test("PL5 Tab completes commands and the names of those who talk, and lists them above the line", async () => {
    const { queen, screen } = await conversation();
    screen.type("/he");
    screen.press("Tab", "Enter");
    await screen.shows("Tab completes.");
    send(screen, "wait for me");
    await screen.shows("convergent 1, a sealed draft");
    screen.type("/mute c");
    screen.press("Tab");
    await screen.shows(/convergent {2}critical\n[^]*> \/mute c$/);
    screen.type("r");
    screen.press("Tab", "Enter");
    await screen.shows("you mute critical");
    expect(queen.said).toEqual([{ type: "order", order: { order: "mute", agent: "critical" } }]);
  });

  test("BD1 BD2 wide letters that come fast leave nothing behind, and a line can be typed below them", async () => {
    const { screen } = await conversation();
    send(screen, "wide letters");
    await screen.shows("divergent 1 …");
    screen.type("typed while they talk");
    const shown = await screen.shows("> typed while they talk");
    expect(shown.split("\n").filter((line) => line.startsWith("divergent 1"))).toHaveLength(1);
    screen.press("Enter");
    const after = await screen.shows("1 flip");
    expect(after).not.toContain("…");
    expect(after).toContain("you\n  typed while they talk");
    expect(after).toContain(`divergent 1, a sealed draft\n  ${"蜂の巣🐝 ".repeat(8).trimEnd()}\n`);
  });

  test("BD1 PL6 of what is drawn anew nothing is left in a window that changes its size", async () => {
    const { screen } = await conversation();
    send(screen, "filled");
    await screen.shows("divergent 1 …");
    for (const columns of [60, 100, 30]) {
      await screen.resize(columns, 24);
      screen.type("go on ");
      await screen.shows(/> (?:go on ?)+$/);
    }
    screen.press("Enter");
    await screen.shows(/╰─+\s*discussion/);
    await screen.resize(80, 24);
    const after = await screen.shows("1 flip");
    expect(after).toContain("are asked for\nyou\n  go on go on go on\ndivergent 1, a sealed draft\n  one two three");
    expect(after).not.toContain("…");
  });

  test("what cannot be said is told with the words, and they go on", async () => {
    const { queen, screen } = await conversation();
    send(screen, "wait for me");
    await screen.shows("convergent 1, a sealed draft");
    send(screen, "@nobody listen");
    await screen.shows("there is no nobody");
    send(screen, "/why");
    await screen.shows("A discussion: several perspectives");
    send(screen, "go on");
    await screen.shows("1 flip");
    expect(queen.said).toEqual([{ type: "say", text: "go on" }]);
  });
});
