/**
 * How a handler reads the event that its action came from, with the machine's own type.
 *
 * @module
 */
import { RbeeError } from "../protocol/errors.ts";
import type { Scope } from "./behaviour.ts";
import type { Message } from "./envelope.ts";

/**
 * `const read = reader<QueenEvent>()`, then `read(scope, "submit")` is that event, or a defect if the machine lets the
 * action come from another one.
 */
export const reader =
  <E extends Message>() =>
  <T extends E["type"]>(scope: Scope, ...types: readonly T[]): Extract<E, { type: T }> => {
    const { event } = scope;
    if (!types.some((type) => type === event.type)) {
      throw new RbeeError("defect", `${scope.self}: ${types.join(" or ")} expected, ${event.type} found`);
    }
    // Events of a machine reach its cell only through senders that use the machine's type.
    return event as unknown as Extract<E, { type: T }>;
  };

/** An event of a machine, checked against that machine's type where it is made. */
export const event =
  <E extends Message>() =>
  <T extends E["type"]>(made: Extract<E, { type: T }> & { readonly type: T }): Message =>
    made;
