/**
 * The team at the door of a node: discussions, what is heard of them and said in them, and sessions.
 *
 * Owns: what a request means and how an answer looks. Does not own: deciding anything; it talks to a {@link TeamSeat}.
 *
 *  TH1 Events of a log are numbered by their place, so that Last-Event-ID resumes behind what was read.
 *  TH2 Whoever only listens changes nothing by going: a discussion ends by itself, or when it is told to.
 *  TH3 What was asked before is told to whoever sits at the machine: an API key knows its own discussions, by name.
 *  TH4 Who asks again under the word of an Idempotency-Key is given what was begun under it (TE8).
 *
 * @module
 */
import type { Logged, Mode, Order } from "../../machines/rules/log.ts";
import type { Caller } from "../../machines/words.ts";
import {
  discussionAccepted,
  type DiscussionAccepted,
  discussionEvent,
  forkRequest,
  type ForkRequest,
  type DiscussionEvent,
  discussionRequest,
  type DiscussionRequest,
  sayAccepted,
  type SayRequest,
  sayRequest,
} from "../protocol/discussion-api.ts";
import { RbeeError } from "../protocol/errors.ts";
import type { Answer, Call, EventSink, Route } from "../protocol/route.ts";
import {
  exportedSession,
  sessionRemoved,
  type ExportedSession,
  type SessionView,
  sessionsView,
  type SpecialistsView,
  specialistsView,
} from "../protocol/session-api.ts";
import { type TeamStats, teamStats } from "../protocol/team-api.ts";
import { againHeaders, wordOf } from "./again.ts";
import { taking } from "./taking.ts";

export type Said =
  | { readonly type: "say"; readonly text: string; readonly to?: string | undefined }
  | { readonly type: "order"; readonly order: Order };

/** Who asks, and what was asked and answered before where no session knows it. */
export interface TeamAsker {
  readonly caller: Caller | undefined;
  readonly before?: Logged<"opened">["before"];
  /** Who asks again under the same word is given what was begun. */
  readonly word?: string | undefined;
}

export interface TeamSeat {
  /** @throws RbeeError team.busy, specialist.invalid */
  begin(request: DiscussionRequest, asker: TeamAsker): Promise<Omit<DiscussionAccepted, "events_url">>;
  /** @throws RbeeError request.not.found, request.invalid */
  fork(
    discussion: string,
    request: ForkRequest,
    caller: Caller | undefined,
  ): Promise<Omit<DiscussionAccepted, "events_url">>;
  /** How this is answered where nobody says so. */
  modeOf(request: string): Promise<Mode>;
  /** @returns its place in the log; @throws RbeeError request.not.found, discussion.over */
  say(discussion: string, said: Said): Promise<number>;
  /** @throws RbeeError request.not.found */
  listen(discussion: string, from: number, signal: AbortSignal): AsyncIterable<DiscussionEvent>;
  sessions(): Promise<readonly SessionView[]>;
  /** @throws RbeeError request.not.found */
  exported(session: string): Promise<ExportedSession>;
  /** @returns whether there was one */
  remove(session: string): Promise<boolean>;
  specialists(): Promise<SpecialistsView>;
  /** Of all discussions that are kept. */
  stats(): Promise<TeamStats>;
}

const SECOND_MS = 1_000;
const DECIMAL = /^\d{1,15}$/;

const ACCEPTED = { status: 202, answer: discussionAccepted } as const;
const BEGUN = { ...ACCEPTED, headers: againHeaders } as const;

const accepted = (begun: Omit<DiscussionAccepted, "events_url">): Answer => ({
  status: 202,
  json: { ...begun, events_url: `/v2/discussions/${begun.discussion}/events` },
});

export function teamRoutes(seat: TeamSeat): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/v2/discussions",
      ...taking("Ask the team.", discussionRequest, BEGUN, async (request, call) =>
        accepted(await seat.begin(request, { caller: call.caller, word: wordOf(call) })),
      ),
    },
    {
      method: "GET",
      path: "/v2/discussions/:id/events",
      doc: { summary: "What is said in a discussion, to its end; Last-Event-ID resumes.", events: discussionEvent },
      handle: (call) => {
        const items = seat.listen(idOf(call), resumeFrom(call), call.signal);
        return { events: (sink) => relay(items, sink) };
      },
    },
    {
      method: "POST",
      path: "/v2/discussions/:id/say",
      ...taking(
        "Say something in a discussion, or order it.",
        sayRequest,
        { answer: sayAccepted },
        async (said, call) => ({
          status: 200,
          json: { discussion: idOf(call), seq: await seat.say(idOf(call), saidOf(said)) },
        }),
      ),
    },
    {
      method: "POST",
      path: "/v2/discussions/:id/fork",
      ...taking("Go another way from some place of it.", forkRequest, ACCEPTED, async (request, call) => {
        ownersOnly(call);
        return accepted(await seat.fork(idOf(call), request, call.caller));
      }),
    },
    ...sessionRoutes(seat),
  ];
}

function sessionRoutes(seat: TeamSeat): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v2/sessions",
      doc: { summary: "What was asked before.", answer: sessionsView },
      handle: async (call) => {
        ownersOnly(call);
        return { status: 200, json: { schemaVersion: 1, sessions: await seat.sessions() } };
      },
    },
    {
      method: "GET",
      path: "/v2/sessions/:id",
      doc: { summary: "A session, whole: its discussions and their logs.", answer: exportedSession },
      handle: async (call) => {
        ownersOnly(call);
        return { status: 200, json: await seat.exported(idOf(call)) };
      },
    },
    {
      method: "DELETE",
      path: "/v2/sessions/:id",
      doc: { summary: "Forget a session.", answer: sessionRemoved },
      handle: async (call) => {
        ownersOnly(call);
        if (!(await seat.remove(idOf(call)))) {
          throw new RbeeError("request.not.found", `there is no session ${idOf(call)}`);
        }
        return { status: 200, json: { session: idOf(call), removed: true } };
      },
    },
    {
      method: "GET",
      path: "/v2/team/stats",
      doc: {
        summary: "What the team was worth: discussions that are over, by how they were answered.",
        answer: teamStats,
      },
      handle: async (call) => {
        ownersOnly(call);
        return { status: 200, json: await seat.stats() };
      },
    },
    {
      method: "GET",
      path: "/v2/specialists",
      doc: { summary: "Who can be in a discussion.", answer: specialistsView },
      handle: async () => ({ status: 200, json: await seat.specialists() }),
    },
  ];
}

/** TH3. */
function ownersOnly({ caller }: Call): void {
  if (caller?.key === undefined) return;
  throw new RbeeError("request.forbidden", "sessions are read on the machine of the queen, and not with an API key");
}

const idOf = (call: Call): string => call.params["id"] ?? "";

/** TH1. */
function resumeFrom({ headers }: Call): number {
  const last = headers["last-event-id"];
  if (last === undefined || last === "") return 0;
  if (DECIMAL.test(last)) return Number(last) + 1;
  const details = { field: "last-event-id", found: last.slice(0, 40), allowed: "the id of an event" };
  throw new RbeeError("request.invalid", "Last-Event-ID is no event of a discussion", details);
}

function saidOf(said: SayRequest): Said {
  if ("text" in said) return { type: "say", ...said };
  if ("seconds" in said) return { type: "order", order: { order: "extend", ms: said.seconds * SECOND_MS } };
  return { type: "order", order: said };
}

async function relay(items: AsyncIterable<DiscussionEvent>, sink: EventSink): Promise<void> {
  for await (const event of items) {
    await sink.send({ event: event.type, data: event, ...("seq" in event ? { id: event.seq } : {}) });
  }
}
