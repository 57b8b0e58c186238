/**
 * What is around the hosts: worker processes, the ports of the porter, readers' streams, and the clients.
 *
 * Owns: what each of them may do next, with what it costs. Does not own: hosts. All of it is plain data and pure
 * functions, so that a walk may go on from any state any number of times.
 *
 *  U1 A process that is there can end, hang or come up at any moment; a port can refuse or answer late or never.
 *  U2 What only happens when something goes wrong costs one fault of the budget; the rest is free.
 *
 * @module
 */
import type { QueenEvent } from "../../machines/queen-events.ts";
import { type Address, hostOf, idOf } from "../../machines/words.ts";
import type { ErrorCode } from "../../src/protocol/errors.ts";
import { PORTER, type ProcessesAsk, type StreamsAsk } from "../../src/protocol/ports.ts";
import type { AskResult, Envelope, Frame, Message } from "../../src/runtime/envelope.ts";
import { event } from "../../src/runtime/reading.ts";
import { jobRequest, QUEEN } from "./parts.ts";
import { failuresOf, type PortAsk, successOf } from "./port-answers.ts";

export interface Budget {
  readonly submits: number;
  /** Jobs that want another model. */
  readonly rivals: number;
  readonly cancels: number;
  readonly drains: number;
  readonly hurries: number;
  /** Workers that are asked for, and that are stopped, by hand. */
  readonly spawns: number;
  readonly stops: number;
  /** Things that go wrong outside a host. */
  readonly faults: number;
  /** Hosts that end without warning, before or after their commit. */
  readonly crashes: number;
  /** The whole node ends without warning: its hosts, its workers, and all that is under way. */
  readonly kills: number;
  /** Times that pass while something else could still happen; at rest any may. {@link ANY}: as many as there are. */
  readonly early: number;
}

export const ANY = -1;

/** forking: asked for. starting: there, and has not said hello. hung: there, and does nothing. gone: reaped. */
export type Standing = "forking" | "starting" | "up" | "hung" | "dead" | "gone";

interface Working {
  readonly id: string;
  /** Nobody: it is done all the same, and not answered. */
  readonly from: string | undefined;
  readonly ask: ProcessesAsk | PortAsk | Extract<StreamsAsk, { type: "seal" }>;
}

export interface Stream {
  readonly attempt: number;
  /** How it was closed, each time it was. */
  readonly ends: readonly string[];
}

export interface Surroundings {
  readonly left: Budget;
  readonly processes: Readonly<Record<string, Standing>>;
  readonly working: readonly Working[];
  /** Forks whose answer is lost. */
  readonly lost: readonly string[];
  readonly streams: Readonly<Record<string, Stream>>;
  /** Jobs that clients were told are accepted. */
  readonly accepted: readonly string[];
  readonly drain: "none" | "asked" | "lost" | "answered";
  readonly lives: Readonly<Record<string, number>>;
}

export const surroundings = (left: Budget): Surroundings => ({
  left,
  processes: {},
  working: [],
  lost: [],
  streams: {},
  accepted: [],
  drain: "none",
  lives: {},
});

export interface Reaction {
  readonly after: Surroundings;
  readonly sends: readonly { readonly to: string; readonly frame: Frame }[];
  /** Hosts of processes that begin, that end, and whose peers are told so. */
  readonly born: readonly string[];
  readonly killed: readonly string[];
  readonly down: readonly string[];
  /** What a client says to the queen. */
  readonly said: readonly Frame[];
}

export interface Choice {
  readonly told: string;
  /** It happens by itself, in the end: what is complete only with luck is not complete. */
  readonly fair: boolean;
  readonly reaction: Reaction;
}

export type Occurrence =
  | { readonly do: "frame"; readonly from: string; readonly frame: Frame }
  /** The process ended by itself. */
  | { readonly do: "exit"; readonly host: string }
  | { readonly do: "spend"; readonly what: keyof Budget }
  | { readonly do: "crashed"; readonly host: string }
  | { readonly do: "killed"; readonly hosts: readonly string[] };

const still = (after: Surroundings): Reaction => ({ after, sends: [], born: [], killed: [], down: [], said: [] });
const with_ = (env: Surroundings, change: Partial<Surroundings>): Surroundings => ({ ...env, ...change });
const standing = (env: Surroundings, token: string, now: Standing): Surroundings =>
  with_(env, { processes: sorted({ ...env.processes, [token]: now }) });
const sorted = <Row>(rows: Readonly<Record<string, Row>>): Readonly<Record<string, Row>> =>
  Object.fromEntries(Object.entries(rows).toSorted(([a], [b]) => (a < b ? -1 : 1)));
const spend = (env: Surroundings, what: keyof Budget): Surroundings =>
  env.left[what] === ANY ? env : with_(env, { left: { ...env.left, [what]: env.left[what] - 1 } });

export function react(env: Surroundings, given: Occurrence): Reaction {
  switch (given.do) {
    case "spend":
      return still(spend(env, given.what));
    case "exit":
      return still(standing(env, given.host, "dead"));
    case "crashed":
      return still(
        with_(spend(env, "crashes"), {
          lives: sorted({ ...env.lives, [given.host]: (env.lives[given.host] ?? 1) + 1 }),
          drain: given.host === "queen" && env.drain === "asked" ? "lost" : env.drain,
        }),
      );
    case "killed":
      return still(killed(env, given.hosts));
    case "frame":
      return reactToFrame(env, given.frame);
  }
}

/** Processes go with their node, and whoever waited at its doors; what jobs have said is on its disk. */
function killed(env: Surroundings, hosts: readonly string[]): Surroundings {
  const lives = Object.fromEntries(hosts.map((host) => [host, (env.lives[host] ?? 1) + 1]));
  const processes = Object.fromEntries(Object.keys(env.processes).map((token) => [token, "gone" as const]));
  const drain = env.drain === "asked" || env.drain === "lost" ? "none" : env.drain;
  return with_(spend(env, "kills"), { lives: sorted(lives), processes, working: [], lost: [], drain });
}

function reactToFrame(env: Surroundings, frame: Frame): Reaction {
  switch (frame.kind) {
    case "mail":
      return reactToAsk(env, frame.envelope);
    case "drop":
      return still(dropped(env, frame.id));
    case "answer":
      return still(heardByClient(env, frame.id, frame.result));
    case "ack":
    case "gate":
      return still(env);
  }
}

/** A signal that is asked for is given. */
function dropped(env: Surroundings, ask: string): Surroundings {
  const working = env.working.flatMap((each) => {
    if (each.id !== ask) return [each];
    return each.ask.type === "signal" ? [{ ...each, from: undefined }] : [];
  });
  return with_(env, { working });
}

function heardByClient(env: Surroundings, id: string, result: AskResult): Surroundings {
  if (id.endsWith("#drain")) return result.ok ? with_(env, { drain: "answered" }) : env;
  const job =
    result.ok && result.event.type === "accepted" ? (result.event as Message & { job: string }).job : undefined;
  return job === undefined ? env : with_(env, { accepted: [...env.accepted, job] });
}

function reactToAsk(env: Surroundings, { event: asked, re, to }: Envelope): Reaction {
  if (re === undefined || env.working.some(({ id }) => id === re.id)) return still(env);
  if (idOf(to) === "streams" && asked.type !== "seal")
    return { ...still(streamed(env, asked as StreamsAsk)), sends: answered(re, said(asked)) };
  const working: Working = { id: re.id, from: re.from, ask: asked as Working["ask"] };
  const after = with_(env, { working: [...env.working, working].toSorted((a, b) => (a.id < b.id ? -1 : 1)) });
  return still(asked.type === "fork" ? standing(after, (asked as { token?: string }).token ?? "", "forking") : after);
}

const said = (asked: Message): Message => {
  switch (asked.type) {
    case "begin":
      return { type: "stream.begun" };
    case "recall":
      return { type: "said", said: { pieces: [], tokens: 0 } } as Message;
    default:
      return { type: "stream.closed", saidTokens: 0 } as Message;
  }
};

function streamed(env: Surroundings, asked: StreamsAsk): Surroundings {
  const before = env.streams[asked.job] ?? { attempt: 0, ends: [] };
  const stream = { ...before };
  if (asked.type === "begin" && before.ends.length === 0) stream.attempt = Math.max(before.attempt, asked.attempt);
  if (asked.type === "close") {
    const end = asked.end.type === "done" ? "done" : asked.end.failure.class === "cancelled" ? "cancelled" : "failed";
    if (!before.ends.includes(end)) stream.ends = [...before.ends, end];
  }
  return with_(env, { streams: sorted({ ...env.streams, [asked.job]: stream }) });
}

const replied = ({ id, from }: Pick<Working, "id" | "from">, result: AskResult): Reaction["sends"] => {
  const to = from as Address | undefined;
  return to === undefined ? [] : [{ to: hostOf(to), frame: { kind: "answer", to, id, result } }];
};
const answered = (asked: Pick<Working, "id" | "from">, made: Message): Reaction["sends"] =>
  replied(asked, { ok: true, event: made });
const failed = (asked: Pick<Working, "id" | "from">, code: ErrorCode, message: string): Reaction["sends"] =>
  replied(asked, { ok: false, error: { code, message } });

/** Everything that may happen next around the hosts. */
export function choices(env: Surroundings): readonly Choice[] {
  return [
    ...Object.entries(env.processes).flatMap(([token, now]) => ofProcess(env, token, now)),
    ...env.working.flatMap((working) => ofWork(env, working)),
    ...ofClients(env),
  ];
}

const fair = (told: string, reaction: Reaction): Choice => ({ told, fair: true, reaction });
const isAlive = (now: Standing | undefined): boolean => now === "starting" || now === "up" || now === "hung";

function ofProcess(env: Surroundings, token: string, now: Standing): readonly Choice[] {
  const found: Choice[] = [];
  const faulty = (told: string, make: (paid: Surroundings) => Reaction): void => {
    if (env.left.faults > 0) found.push({ told, fair: false, reaction: make(spend(env, "faults")) });
  };
  if (now === "forking") {
    const asked = env.working.find(({ ask }) => ask.type === "fork" && ask.token === token);
    const done = (from: Surroundings): Surroundings =>
      with_(from, { working: from.working.filter((working) => working !== asked) });
    found.push(
      fair(`the process of ${token} is there`, {
        ...still(standing(done(env), token, "starting")),
        sends: asked === undefined ? [] : answered(asked, { type: "forked", pid: 1 } as Message),
      }),
    );
    faulty(`the process of ${token} could not be made`, (paid) => ({
      ...still(standing(done(paid), token, "gone")),
      sends: asked === undefined ? [] : failed(asked, "process.fork", "no more processes"),
    }));
    if (asked !== undefined) {
      faulty(`the process of ${token} is there, and nobody hears of it`, (paid) =>
        still(with_(standing(done(paid), token, "starting"), { lost: [...paid.lost, asked.id] })),
      );
    }
  }
  if (now === "starting")
    found.push(fair(`${token} says hello`, { ...still(standing(env, token, "up")), born: [token] }));
  if (isAlive(now)) {
    faulty(`the process of ${token} dies`, (paid) => ({ ...still(standing(paid, token, "dead")), killed: [token] }));
    if (now === "up") faulty(`the process of ${token} hangs`, (paid) => still(standing(paid, token, "hung")));
  }
  return found;
}

function ofWork(env: Surroundings, working: Working): readonly Choice[] {
  const { ask } = working;
  const rest = with_(env, { working: env.working.filter((other) => other !== working) });
  switch (ask.type) {
    case "measure":
    case "weigh":
    case "look":
    case "lookout":
    case "resolve":
    case "room":
    case "fetch":
    case "check":
    case "remove":
      return ofPort(rest, working, ask);
    case "listen": {
      if (env.processes[ask.token] !== "hung") return [];
      const sends = answered(working, { type: "silent", silentMs: 1 } as Message);
      return [fair(`${ask.token} was silent for too long`, { ...still(rest), sends })];
    }
    case "signal":
      return env.processes[ask.token] === "forking" ? [] : [signalled(rest, working, ask.token, ask.signal)];
    case "reap":
      return reaped(rest, working, ask.token);
    case "seal": {
      const sealed = fair(`what ${ask.job} said is kept`, {
        ...still(rest),
        sends: answered(working, { type: "sealed" }),
      });
      if (env.left.faults === 0) return [sealed];
      const lost = failed(working, "stream.lost", "some of it is lost");
      const told = `some of what ${ask.job} said is lost`;
      return [sealed, { told, fair: false, reaction: { ...still(spend(rest, "faults")), sends: lost } }];
    }
    case "fork":
      return [];
  }
}

function ofPort(rest: Surroundings, working: Working, ask: PortAsk): readonly Choice[] {
  const { told, event: made } = successOf(ask);
  const done = fair(told, { ...still(rest), sends: answered(working, made) });
  if (rest.left.faults === 0) return [done];
  const fails = failuresOf(ask).map(({ told: how, code }): Choice => {
    const sends = failed(working, code, "it did not work");
    return { told: how, fair: false, reaction: { ...still(spend(rest, "faults")), sends } };
  });
  return [done, ...fails];
}

function signalled(env: Surroundings, working: Working, token: string, signal: string): Choice {
  const now = env.processes[token];
  // One that is stopped takes no other signal.
  const ends = isAlive(now) && (signal === "SIGKILL" || now !== "hung");
  return fair(`${signal} reaches ${token}`, {
    ...still(ends ? standing(env, token, "dead") : env),
    sends: answered(working, { type: "signalled" }),
    killed: ends ? [token] : [],
  });
}

function reaped(env: Surroundings, working: Working, token: string): readonly Choice[] {
  const now = env.processes[token];
  if (now === "forking" || isAlive(now)) return [];
  const listening = env.working.filter(({ ask }) => ask.type === "listen" && ask.token === token);
  const after = with_(env, { working: env.working.filter((other) => !listening.includes(other)) });
  const known = now === "dead";
  const made = { type: "reaped", token, known, how: "", exit: { after: "nothing" }, lastLines: [], starved: "" };
  return [
    fair(`${token} is reaped`, {
      ...still(known ? standing(after, token, "gone") : after),
      sends: [
        ...listening.flatMap((each) => failed(each, "worker.lost", `${token} is gone`)),
        ...answered(working, made),
      ],
      down: known ? [token] : [],
    }),
  ];
}

const toQueen = event<QueenEvent>();
const DOOR = `${PORTER}/door/main` as const;

const asks = (made: Message, name: string): Frame => ({
  kind: "mail",
  envelope: {
    to: QUEEN,
    from: DOOR,
    lane: "data",
    n: 0,
    label: "private",
    event: made,
    re: { id: `${DOOR}#${name}`, from: DOOR },
  },
});
const tells = (made: Message): Frame => ({
  kind: "mail",
  envelope: { to: QUEEN, from: DOOR, lane: "control", n: 0, label: "private", event: made },
});

function ofClients(env: Surroundings): readonly Choice[] {
  const found: Choice[] = [];
  const { left } = env;
  const may = (what: keyof Budget, told: string, said_: Frame, change: Partial<Surroundings> = {}): void => {
    if (left[what] > 0)
      found.push({ told, fair: false, reaction: { ...still(with_(spend(env, what), change)), said: [said_] } });
  };
  may(
    "submits",
    "a client submits a job",
    asks(toQueen({ type: "submit", request: jobRequest }), `submit${left.submits}`),
  );
  const rival = { ...jobRequest, model: "n" };
  may(
    "rivals",
    "a client submits a job for another model",
    asks(toQueen({ type: "submit", request: rival }), `rival${left.rivals}`),
  );
  for (const job of env.accepted) {
    may("cancels", `a client cancels ${job}`, asks(toQueen({ type: "cancel", job }), `cancel${left.cancels}`));
  }
  may(
    "spawns",
    "somebody asks for a worker",
    asks(toQueen({ type: "spawn.worker", model: "m" }), `spawn${left.spawns}`),
  );
  for (const worker of Object.keys(env.processes)) {
    may("stops", `somebody stops ${worker}`, asks(toQueen({ type: "stop.worker", worker }), `stop${left.stops}`));
  }
  const drain = asks(toQueen({ type: "drain" }), "drain");
  if (env.drain === "none") may("drains", "the node is asked to stop", drain, { drain: "asked" });
  if (env.drain === "lost") {
    const again = { ...still(with_(env, { drain: "asked" })), said: [drain] };
    found.push(fair("the node is asked again to stop", again));
  }
  if (env.drain === "asked") may("hurries", "the node is told to hurry", tells(toQueen({ type: "hurry" })));
  return found;
}
