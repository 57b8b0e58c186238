/**
 * Durations and sizes as people write them: `30s`, `1h30m`, `8GiB`.
 *
 * Owns: reading and writing them. Does not own: which setting takes which, or its bounds.
 *
 * @module
 */

const MS_PER_UNIT = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

const BYTES_PER_UNIT = new Map([
  ["B", 1],
  ["kB", 1e3],
  ["MB", 1e6],
  ["GB", 1e9],
  ["TB", 1e12],
  ["KiB", 2 ** 10],
  ["MiB", 2 ** 20],
  ["GiB", 2 ** 30],
  ["TiB", 2 ** 40],
]);

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const DURATION_PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;
const SIZE = /^(\d+(?:\.\d+)?) ?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;

/** Milliseconds in a text such as `250ms`, `30s`, `5m`, `1h30m`; undefined when it is none, as a bare number is. */
export function durationMs(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(DURATION_PART))
    ms += Number(amount) * (MS_PER_UNIT.get(unit ?? "") ?? 0);
  return Number.isSafeInteger(Math.round(ms)) ? Math.round(ms) : undefined;
}

/** Bytes in a text such as `512MiB`, `8GB`, `1.5 GiB`; undefined when it is none. */
export function sizeBytes(text: string): number | undefined {
  const [, amount, unit] = SIZE.exec(text) ?? [];
  const bytes = Math.round(Number(amount) * (BYTES_PER_UNIT.get(unit ?? "") ?? Number.NaN));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Bytes for people, in binary units with at most one decimal: `512 MiB`, `1.5 GiB`. */
export function sizeText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${Number(amount.toFixed(1))} ${units[unit]}`;
}

/** Milliseconds for people, the two largest units that matter: `350 ms`, `12 s`, `5 min`, `3 h 20 min`, `2 d 4 h`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
