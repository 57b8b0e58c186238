/**
 * Numbers between two bounds, as expressions of a grammar that the sampler is held to.
 *
 *  NG1 Every number that the expression matches lies between the bounds, and every whole number between them of up to
 *      fifteen digits is matched: as many as a reader keeps exactly.
 *
 * @module
 */

export interface Bounds {
  /** Whole numbers; nothing where there is no bound. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** The bound itself is outside. */
  readonly isMinOpen?: boolean;
  readonly isMaxOpen?: boolean;
}

const LARGEST = 10 ** 15 - 1;
const ANY_INTEGER = `"-"? ("0" | [1-9] [0-9]{0,14})`;
const ANY_NUMBER = `${ANY_INTEGER} ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?`;
const FRACTION = `("." [0-9]{1,15})?`;
const NO_FRACTION = `("." "0"{1,15})?`;
const SOME_FRACTION = `"." "0"{0,14} [1-9] [0-9]{0,14}`;

/** @returns nothing where no number is left */
export function integerGrammar({ min, max, isMinOpen = false, isMaxOpen = false }: Bounds): string | undefined {
  if (min === undefined && max === undefined) return ANY_INTEGER;
  const low = Math.max((min ?? -LARGEST) + (isMinOpen ? 1 : 0), -LARGEST);
  const high = Math.min((max ?? LARGEST) - (isMaxOpen ? 1 : 0), LARGEST);
  return either([
    ...negated(low < 0 ? digitsBetween(Math.max(1, -high), -low) : []),
    ...(high >= 0 ? digitsBetween(Math.max(0, low), high) : []),
  ]);
}

/** @returns nothing where no number is left */
export function numberGrammar({ min, max, isMinOpen = false, isMaxOpen = false }: Bounds): string | undefined {
  if (min === undefined && max === undefined) return ANY_NUMBER;
  const low = { at: Math.max(min ?? -LARGEST, -LARGEST), isOpen: isMinOpen };
  const high = { at: Math.min(max ?? LARGEST, LARGEST), isOpen: isMaxOpen };
  const zero = { at: 0, isOpen: false };
  const mirrored = ({ at, isOpen }: Side): Side => ({ at: -at, isOpen });
  return either([
    ...negated(low.at < 0 ? decimalsBetween(high.at < 0 ? mirrored(high) : zero, mirrored(low)) : []),
    ...(high.at >= 0 ? decimalsBetween(low.at >= 0 ? low : zero, high) : []),
  ]);
}

interface Side {
  readonly at: number;
  readonly isOpen: boolean;
}

/** Neither is below zero. */
function decimalsBetween(low: Side, high: Side): string[] {
  if (low.at > high.at) return [];
  if (low.at === high.at) return low.isOpen || high.isOpen ? [] : [`"${low.at}" ${NO_FRACTION}`];
  const inside = digitsBetween(low.at + 1, high.at - 1);
  return [
    ...(low.isOpen ? [] : [`"${low.at}" ${NO_FRACTION}`]),
    `"${low.at}" ${SOME_FRACTION}`,
    ...inside.map((digits) => `${digits} ${FRACTION}`),
    ...(high.isOpen ? [] : [`"${high.at}" ${NO_FRACTION}`]),
  ];
}

/** Whole numbers, neither below zero: an expression for each run of them that has a form of its own. */
function digitsBetween(low: number, high: number): string[] {
  const runs: string[] = [];
  for (let from = low; from <= high;) {
    const to = Math.min(high, 10 ** String(from).length - 1);
    runs.push(...sameLength(String(from), String(to)));
    from = to + 1;
  }
  return runs;
}

/** Of as many digits as both have. */
function sameLength(low: string, high: string): string[] {
  const rest = low.length - 1;
  const [first = "", last = ""] = [low[0], high[0]];
  if (low === high) return [`"${low}"`];
  if (isAll(low.slice(1), "0") && isAll(high.slice(1), "9")) return [`${digit(first, last)}${anyDigits(rest)}`];
  if (first === last) return sameLength(low.slice(1), high.slice(1)).map((tail) => `"${first}" ${tail}`);
  const between = Number(last) - Number(first) > 1 ? [String(Number(first) + 1), String(Number(last) - 1)] : [];
  const [from, to] = between;
  return [
    ...sameLength(low.slice(1), "9".repeat(rest)).map((tail) => `"${first}" ${tail}`),
    ...(from === undefined || to === undefined ? [] : [`${digit(from, to)}${anyDigits(rest)}`]),
    ...sameLength("0".repeat(rest), high.slice(1)).map((tail) => `"${last}" ${tail}`),
  ];
}

const isAll = (digits: string, one: string): boolean => digits === one.repeat(digits.length);
const digit = (from: string, to: string): string => (from === to ? `"${from}"` : `[${from}-${to}]`);
const anyDigits = (count: number): string => (count === 0 ? "" : ` [0-9]{${count}}`);
const negated = (runs: readonly string[]): string[] => runs.map((run) => `"-" ${run}`);
const either = (runs: readonly string[]): string | undefined => (runs.length === 0 ? undefined : runs.join(" | "));
