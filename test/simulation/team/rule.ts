/**
 * A rule that a checker of logs holds each event to: what is wrong with this event, given everything before it.
 *
 * @module
 */
import type { LogEvent } from "../../../machines/rules/log.ts";
import type { Books } from "./books.ts";

export interface Rule {
  /** As machines/README.md names it. */
  readonly id: string;
  /** @returns what is wrong, in words */
  readonly broken: (books: Books, event: LogEvent, tickMs: number) => string | undefined;
}
