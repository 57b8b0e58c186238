/**
 * The commands that are typed in a conversation, carried out.
 *
 * Owns: what each tells. Does not own: their names and what else a line may mean (meaning.ts).
 *
 * @module
 */
import { modelName } from "../model-name.ts";
import { statusText } from "../terminal/status-text.ts";
import { statsText } from "../team/stats-text.ts";
import { whyLines } from "../team/why.ts";
import { wrapped } from "../terminal/wrap.ts";
import { knowledgeCommand } from "./knowledge-text.ts";
import { HELP, type Meaning, modeOf, MODES_ASKED, unknownText } from "./meaning.ts";
import { foundText, historyText, sessionsText, specialistsText } from "./sessions-text.ts";
import type { Talk } from "./talk.ts";

type Commanded = Extract<Meaning, { type: "command" }>;

export async function command({ name, argument }: Commanded, talk: Talk, tell: (text: string) => void): Promise<void> {
  switch (name) {
    case "/help":
      return tell(HELP);
    case "/why":
      return tell(await whyText(talk));
    case "/status":
      return tell(statusText(await talk.session.status()).trimEnd());
    case "/sessions":
      return tell(sessionsText(await talk.session.sessions()));
    case "/history":
      return tell(historyText((await talk.session.sessions()).find(({ session }) => session === talk.thread)));
    case "/search":
      return tell(argument === "" ? "/search TEXT" : foundText(await talk.session.sessions(), argument));
    case "/specialists":
      return tell(specialistsText(await talk.session.specialists()));
    case "/stats":
      return tell(statsText(await talk.session.teamStats()));
    case "/knowledge":
      return tell(await knowledgeCommand(argument, talk.session));
    case "/session":
      if (argument !== "") talk.thread = argument;
      return tell(await threadText(talk));
    case "/new":
      delete talk.thread;
      return tell("what follows is asked anew");
    case "/model":
      if (argument !== "") talk.model = modelName(argument, talk.run.cwd);
      return tell(`${talk.model ?? "the default model"} answers`);
    case "/mode":
    case "/alone":
    case "/vote":
    case "/discuss":
      return tell(setMode(talk, modeOf(name) ?? argument));
    case "/mute":
    case "/unmute":
    case "/extend":
    case "/stop":
      return tell("nobody talks now");
    default:
      return tell(unknownText(name));
  }
}

/** A name that was mistyped begins a session of that name: it is said that there is nothing in it. */
async function threadText({ thread, session }: Talk): Promise<string> {
  if (thread === undefined) return "nothing was asked here yet";
  const isKnown = (await session.sessions()).some((its) => its.session === thread);
  return isKnown
    ? `what follows is asked in ${thread}`
    : `nothing was asked in ${thread} yet; what follows is the first`;
}

function setMode(talk: Talk, wanted: string): string {
  const mode = MODES_ASKED.find((known) => known === wanted);
  if (wanted !== "" && mode === undefined) return `/mode takes ${MODES_ASKED.join(", ")}, not ${wanted}`;
  talk.mode = mode ?? talk.mode;
  return talk.mode === undefined ? "requests are answered as the queen is configured" : MODE_TEXTS[talk.mode];
}

const MODE_TEXTS = {
  auto: "the queen judges how each request is answered",
  alone: "the queen alone answers",
  vote: "the team votes on each request",
  discuss: "the team discusses each request",
} as const;

/** How it came to its answer; of the queen alone also what became of the one job behind it. */
async function whyText({ hearing, session }: Talk): Promise<string> {
  if (hearing?.standing === undefined) return "nothing was asked yet";
  const { opened, contributions } = hearing.standing;
  const job = opened.mode === "alone" ? contributions.at(-1)?.source.job : undefined;
  const words = job === undefined ? [] : (await session.why(job)).words;
  return wrapped([...whyLines(hearing), ...words]);
}
