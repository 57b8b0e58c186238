/**
 * The thread that fetches: network, disk and hashes of models, away from the porter's own.
 *
 * Owns: one answer to each piece of work, progress a few times a second. It forgets everything when it ends: whoever
 * asked asks again, and what is on the disk counts.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { errorData, retryClassOf } from "../../protocol/errors.ts";
import type { AskResult, Message } from "../../runtime/envelope.ts";
import type { Described, FetchStart, FetchWork, FromFetcher, Offered, ToFetcher } from "./fetch-messages.ts";
import { Catalog } from "./catalog.ts";
import { Fetcher, type FetchProgress } from "./fetcher.ts";
import { Hub } from "./hub.ts";
import { neighboursBehind } from "./neighbours.ts";
import { Offers } from "./offers.ts";
import { Rate } from "./rate.ts";
import { Throttle } from "./throttle.ts";

const port = parentPort;
if (port === null) throw new Error("fetcher-thread.ts is the entry of a thread");
const { folder, endpoint, token, neighbours, bytesPerSecond } = workerData as FetchStart;

const say = (message: FromFetcher): void => port.postMessage(message);

const hub = new Hub({ endpoint: new URL(endpoint), token });
const catalog = new Catalog(folder);
const throttle = new Throttle(bytesPerSecond);
const fetcher = new Fetcher({ hub, catalog, folder, neighbours: neighboursBehind(neighbours), throttle });
const offers = new Offers(catalog);
const working = new Map<string, AbortController>();

const TELL_MS = 200;

/** The first and the last of each step, and some between. */
function teller(id: string): (progress: FetchProgress) => void {
  const rate = new Rate();
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let step = "";
  return (progress) => {
    const now = performance.now();
    if (progress.step !== step) rate.begin(progress.presentBytes, now);
    rate.at(progress.presentBytes, now);
    const isLast = progress.presentBytes === progress.totalBytes;
    if (progress.step === step && !isLast && now - toldAtMs < TELL_MS) return;
    [step, toldAtMs] = [progress.step, now];
    say({ kind: "progress", id, progress: { ...progress, bytesPerSecond: rate.bytesPerSecond } });
  };
}

async function answerTo(work: FetchWork, id: string, signal: AbortSignal): Promise<Message> {
  switch (work.type) {
    case "resolve":
      return { type: "resolved", plan: await fetcher.resolve(work.model, signal) } as Message;
    case "room":
      return { type: "room.measured", ...(await fetcher.room(work.plan, work.others)) };
    case "fetch":
      return fetched(work, id, signal);
    case "check":
      await fetcher.check(work.plan, teller(id), signal);
      return { type: "checked" };
    case "remove":
      return { type: "removed", key: work.key, bytes: await fetcher.remove(work.model, work.inUse) } as Message;
    case "offer": {
      const offered: Offered = { type: "offered", offer: await offers.of(work.model, signal) };
      return offered;
    }
    case "describe": {
      const description = await fetcher.describe(work.model, signal);
      const described: Described = { type: "described", description };
      return described;
    }
  }
}

/** However it ends, it is told how far it came. */
async function fetched({ plan }: Extract<FetchWork, { type: "fetch" }>, id: string, signal: AbortSignal) {
  try {
    await fetcher.fetch(plan, teller(id), signal);
    return { type: "fetched" };
  } catch (thrown) {
    const { code, message } = errorData(thrown);
    const cut = { type: "cut", presentBytes: await fetcher.present(plan), code, class: retryClassOf(code), message };
    return cut as Message;
  }
}

port.on("message", (message: ToFetcher) => {
  const { id } = message;
  if (message.kind === "drop") return working.get(id)?.abort();
  const abort = new AbortController();
  working.set(id, abort);
  const answer = (result: AskResult): void => {
    working.delete(id);
    if (!abort.signal.aborted) say({ kind: "answer", id, result });
  };
  answerTo(message.work, id, abort.signal).then(
    (event) => answer({ ok: true, event }),
    (thrown: unknown) => answer({ ok: false, error: errorData(thrown) }),
  );
});
