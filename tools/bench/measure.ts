/**
 * How something is measured against something else on the same machine in the same minutes, and how that is told.
 *
 * Both sides take turns, so that whatever else the machine does slows both; medians are compared, never single runs.
 *
 * @module
 */

/** One measurement. `goal` and `met` stand only where there is a ratio to reach. */
export interface Line {
  readonly bench: string;
  readonly case: string;
  readonly value: number;
  readonly unit: string;
  /** The same work done the plain way. */
  readonly baseline: number | null;
  readonly ratio: number | null;
  readonly goal?: number;
  readonly met?: boolean;
  readonly runs: number;
  /** Of the value: from the lowest run to the highest, as a share of the median. */
  readonly spread: number;
}

export type Print = (line: Line) => void;

export interface Bench {
  readonly name: string;
  run(print: Print): Promise<void>;
}

/** Does it once and says how many a second. */
export type Run = () => Promise<number> | number;

export interface Comparison {
  readonly bench: string;
  readonly case: string;
  readonly unit: string;
  readonly runs: number;
  readonly subject: Run;
  readonly baseline?: Run;
  readonly goal?: number;
}

export async function compare({ bench, case: name, unit, runs, subject, baseline, goal }: Comparison): Promise<Line> {
  const values: number[] = [];
  const plain: number[] = [];
  // The first of each is for the compiler and the caches.
  for (let i = -1; i < runs; i += 1) {
    const value = await subject();
    const base = await baseline?.();
    if (i < 0) continue;
    values.push(value);
    if (base !== undefined) plain.push(base);
  }
  const value = median(values);
  const line = {
    bench,
    case: name,
    value: round(value),
    unit,
    runs,
    spread: round((Math.max(...values) - Math.min(...values)) / value),
  };
  if (plain.length === 0) return { ...line, baseline: null, ratio: null };
  const ratio = round(value / median(plain));
  const compared = { ...line, baseline: round(median(plain)), ratio };
  return goal === undefined ? compared : { ...compared, goal, met: ratio >= goal };
}

export interface Bounded {
  readonly bench: string;
  readonly case: string;
  readonly unit: string;
  /** What was measured, run by run. */
  readonly values: readonly number[];
  /** What is told of them. */
  readonly value: number;
  readonly baseline?: number;
  /** In the unit of the value: less is better. */
  readonly atMost?: number;
}

/** A line about a cost: its goal, where there is one, is a bound. */
export function bounded({ bench, case: name, unit, values, value, baseline, atMost }: Bounded): Line {
  const range = Math.max(...values) - Math.min(...values);
  const middle = median(values);
  // Of nothing there is no share.
  const spread = range === 0 || middle === 0 ? 0 : round(range / middle);
  const compared =
    baseline === undefined
      ? { baseline: null, ratio: null }
      : { baseline: round(baseline), ratio: round(value / baseline) };
  const line = { bench, case: name, value: round(value), unit, ...compared };
  const told = { runs: values.length, spread };
  return atMost === undefined ? { ...line, ...told } : { ...line, goal: round(atMost), met: value <= atMost, ...told };
}

/** The smallest value that this share of all values does not exceed. Of many, nothing is left to be collected. */
export function percentile(of: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(of).sort();
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

export function median(of: readonly number[]): number {
  const sorted = of.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Three digits that mean something. */
function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** For a person. */
export function sentence({ bench, case: name, value, unit, baseline, ratio, goal, met, runs, spread }: Line): string {
  const figure = `${bench} ${name}: ${value.toLocaleString("en")} ${unit}`;
  const against =
    baseline === null || ratio === null ? "" : `, ${ratio} of ${baseline.toLocaleString("en")} done plainly`;
  const wanted = goal === undefined ? "" : ` (goal ${goal}: ${met === true ? "met" : "missed"})`;
  return `${figure}${against}${wanted}; ${runs} runs, spread ${Math.round(spread * 100)} %`;
}
