/**
 * Gives a side effect of a machine a name and a parameter shape, and does nothing else.
 *
 * The machine says when; the behaviour's handler of the same name says what; the runtime does it.
 *
 * @module
 */

/** A typed no-op for `setup({ actions })`. */
export const effect =
  <P = undefined>() =>
  (_args: unknown, _params: P): void => {};
