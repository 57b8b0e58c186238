/**
 * Goal: the conversation at a terminal: CV1-CV3 of conversation.ts, PL1-PL3 PL6 of prompt-line.ts, H1 of history.ts.
 * Method: the program in tmux, typed at as a person would, against a queen on loopback that follows a script.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { homeEnvironment } from "../support/keeper.ts";
import { needs } from "../support/needs.ts";
import { scriptedQueen, type ScriptedQueen } from "../support/scripted-queen.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { terminal, type Terminal } from "../support/tmux.ts";

interface Place {
  readonly queen: ScriptedQueen;
  readonly home: string;
  open(...args: readonly string[]): Promise<Terminal>;
}

async function place(): Promise<Place> {
  const queen = await scriptedQueen();
  const home = temporaryFolder();
  const env = { ...homeEnvironment(home), RBEE_QUEEN: queen.url, TERM: "xterm-256color", LANG: "C.UTF-8" };
  const open = async (...args: readonly string[]): Promise<Terminal> => {
    const opened = terminal(args, env);
    await opened.shows(/^> ?$/m);
    return opened;
  };
  return { queen, home, open };
}

const requestsOf = ({ bodies }: ScriptedQueen): string[] => bodies.map((body) => (body as { request: string }).request);

describe("the conversation at a terminal", needs("tmux"), () => {
  test("a message is answered below it, and Ctrl-D leaves with exit 0", async () => {
    const { open } = await place();
    const screen = await open();
    screen.type("say Hello, say _there");
    screen.press("Enter");
    expect(await screen.shows(/^Hello there\n> ?$/m)).toContain("> say Hello, say _there");
    screen.press("C-d");
    await screen.shows("exit 0");
  });

  test("CV3 every line of ours fits 80 columns and no colour is needed", async () => {
    const { open } = await place();
    const screen = await open();
    screen.type("/help");
    screen.press("Enter");
    screen.type("/status");
    screen.press("Enter");
    const shown = await screen.shows("w-1");
    for (const line of shown.split("\n")) expect(line.length).toBeLessThan(80);
    expect(shown).toContain("/quit");
  });

  test("/why tells why the last answer came as it did, and fits the screen", async () => {
    const { open } = await place();
    const screen = await open();
    screen.type("/why");
    screen.press("Enter");
    await screen.shows("nothing was asked yet");
    screen.type("say Hello");
    screen.press("Enter");
    await screen.shows(/^Hello$/m);
    screen.type("/why");
    screen.press("Enter");
    const shown = await screen.shows("No other worker had the model");
    expect(shown).toContain("j1 is done");
    for (const line of shown.split("\n")) expect(line.length).toBeLessThan(80);
  });

  test("CV1 Ctrl-C stops a running answer, keeps what was said, and the conversation goes on", async () => {
    const { queen, open } = await place();
    const screen = await open();
    screen.type("say these_words_stay, forever");
    screen.press("Enter");
    await screen.shows(/^these words stay/m);
    screen.press("C-c");
    expect(await screen.shows("(stopped)")).toContain("these words stay\n(stopped)");
    expect(queen.cancelled).toEqual(["j1"]);
    screen.type("say more");
    screen.press("Enter");
    await screen.shows(/^more$/m);
  });

  test("CV1 at an empty prompt the first Ctrl-C says what the second does", async () => {
    const { open } = await place();
    const screen = await open();
    screen.press("C-c");
    await screen.shows("Ctrl-C again leaves");
    screen.press("C-c");
    expect(await screen.shows("exit 130")).toContain("^C");
  });

  test("Ctrl-C throws away a line that is being typed", async () => {
    const { queen, open } = await place();
    const screen = await open();
    screen.type("not this");
    screen.press("C-c");
    await screen.shows("not this^C");
    screen.type("say this");
    screen.press("Enter");
    await screen.shows(/^this$/m);
    expect(requestsOf(queen)).toEqual(["say this"]);
  });

  test("PL1 a paste of several lines is one message, sent with Enter", async () => {
    const { queen, open } = await place();
    const screen = await open();
    screen.paste("say one,\n  two\tand \u0003 three\nsay four\n");
    await screen.shows("say four");
    expect(queen.calls).toEqual([]);
    screen.press("Enter");
    await screen.shows(/^one/m);
    expect(requestsOf(queen)).toEqual(["say one,\n  two\tand  three\nsay four"]);
  });

  test("PL6 a window that changes its size takes nothing of an answer that runs, nor of the line behind it", async () => {
    const { open } = await place();
    const screen = await open();
    screen.type("say One_and_two_and, forever");
    screen.press("Enter");
    await screen.shows(/^One and two and$/m);
    await screen.resize(60, 24);
    await screen.resize(100, 30);
    screen.type("typed");
    screen.press("C-c");
    expect(await screen.shows(/^> typed$/m)).toMatch(/^> say One_and_two_and, forever\nOne and two and\n/m);
    await screen.resize(30, 24);
    screen.type(" on");
    await screen.shows(/^> typed on$/m);
  });

  test("PL2 what is typed while an answer runs is the next message", async () => {
    const { queen, open } = await place();
    const screen = await open();
    screen.type("say slow, wait 600, say _answer");
    screen.press("Enter");
    await screen.shows(/^slow/m);
    screen.type("say typed_ahead");
    screen.press("Enter");
    await screen.shows(/^typed ahead$/m);
    expect(requestsOf(queen)).toHaveLength(2);
  });

  test("H1 what was typed can be recalled after a restart, and the file is its owner's alone", async () => {
    const { queen, home, open } = await place();
    const first = await open();
    first.type("say remembered");
    first.press("Enter");
    await first.shows(/^remembered$/m);
    first.press("C-d");
    await first.shows("exit 0");
    const history = join(home, "state", "history");
    expect(readFileSync(history, "utf8")).toBe("say remembered\n");
    expect(statSync(history).mode & 0o777).toBe(0o600);
    const second = await open();
    second.press("Up", "Enter");
    await second.shows(/^remembered$/m);
    expect(requestsOf(queen)).toEqual(["say remembered", "say remembered"]);
  });

  test("CV2 a failed request is told, with code and advice, and the conversation goes on", async () => {
    const { open } = await place();
    const screen = await open();
    screen.type("refuse queue.full 429");
    screen.press("Enter");
    expect(await screen.shows("rbee: queue.full: no")).toContain("send it again");
    screen.type("/sttus");
    screen.press("Enter");
    await screen.shows("the nearest is /status");
  });

  test("/model says and changes which model answers", async () => {
    const { queen, open } = await place();
    const screen = await open("--model", "first");
    screen.type("/model second");
    screen.press("Enter");
    await screen.shows("second answers");
    screen.type("say a");
    screen.press("Enter");
    await screen.shows(/^a$/m);
    expect(queen.bodies).toEqual([{ request: "say a", model: "second" }]);
    screen.type("/quit");
    screen.press("Enter");
    await screen.shows("exit 0");
  });
});
