/**
 * What holds of every discussion that is over, whoever spoke and whatever broke: its log's order and its turns.
 *
 * @see machines/rules/log.ts; the rules on every prefix of a log are held where its rules are tested
 * @module
 */
import { endsTurn, type LogEvent } from "../../machines/rules/log.ts";
import type { DiscussionEvent } from "../../src/protocol/discussion-api.ts";

/** @returns what is wrong with the log of a discussion that is over, in words */
export function troubles(log: readonly LogEvent[]): readonly string[] {
  const last = log.at(-1);
  const places = log.flatMap(({ seq }, place) => (seq === place ? [] : [`event ${seq} stands at ${place}`]));
  const back = log.flatMap(({ seq, at }, place) =>
    at < (log[place - 1]?.at ?? 0) ? [`${seq} goes back in time`] : [],
  );
  const once = (["opened", "closing", "closed", "final"] as const).flatMap((type) => {
    const times = log.filter((event) => event.type === type).length;
    return times === 1 ? [] : [`${times} times ${type}`];
  });
  const order = log.flatMap(({ type }) => (["opened", "closing", "closed", "final"].includes(type) ? [type] : []));
  return [
    ...places,
    ...back,
    ...once,
    ...(order.join(" ") === "opened closing closed final" ? [] : [`in the order ${order.join(" ")}`]),
    ...(last?.type === "final" ? [] : [`${last?.type} is last`]),
    ...turnTroubles(log),
    ...twice(log),
  ];
}

/** Each is named by its place, and ends once. */
const turnTroubles = (log: readonly LogEvent[]): readonly string[] =>
  log.flatMap((event) => {
    if (event.type !== "granted") return [];
    const ends = log.filter((one) => endsTurn(one) && one.turn === event.turn);
    if (event.turn !== event.seq) return [`turn ${event.turn} is granted at ${event.seq}`];
    return ends.length === 1 ? [] : [`turn ${event.turn} of ${event.agent} ends ${ends.length} times`];
  });

/** Nobody contributes twice in a row, unless the user spoke in between. */
function twice(log: readonly LogEvent[]): readonly string[] {
  const voices = log.flatMap((event) => {
    if (event.type === "user") return [""];
    return event.type === "contributed" ? [event.agent] : [];
  });
  return voices.flatMap((voice, index) => (voice !== "" && voice === voices[index - 1] ? [`${voice} twice`] : []));
}

/** Words that are missing before others of their turn, or are not those that were heard at their place before. */
export function contradictions(events: readonly DiscussionEvent[]): readonly string[] {
  const heard = new Map<number, string>();
  return events.flatMap((event) => {
    if (event.type !== "token") return [];
    const { turn, agent, offset, text } = event;
    const known = heard.get(turn) ?? "";
    const again = known.slice(offset, offset + text.length);
    heard.set(turn, known.slice(0, offset) + text + known.slice(offset + text.length));
    if (offset > known.length) return [`${agent} says at ${offset} what stands behind ${known.length}`];
    return text.startsWith(again) ? [] : [`${agent} says at ${offset} something else than before`];
  });
}
