/**
 * What a JSON schema is made of, as values that came from outside.
 *
 * @module
 */
export type Schema = Readonly<Record<string, unknown>>;

/** The grammar parser's own bound on repetitions. */
export const COUNT_MAX = 2_000;

export const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX;

export const isRecord = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const recordOf = (value: unknown): Schema => (isRecord(value) ? value : {});

export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value) && value.length > 0;
