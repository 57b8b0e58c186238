/**
 * A strict reader of Prometheus' text format: what a scrape may hold, and nothing else.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 * @module
 */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly kind: string;
  readonly help: string;
  readonly series: readonly Series[];
}

const HELP = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/;
const TYPE = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;

/** @throws where a line is out of place, a series comes twice, or a histogram does not add up */
export function readExposition(text: string): readonly Family[] {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const families: { name: string; kind: string; help: string; series: Series[] }[] = [];
  const seen = new Set<string>();
  let help: readonly string[] | undefined;
  for (const line of text.split("\n").filter((each) => each !== "")) {
    if (line.startsWith("# HELP")) {
      help = matched(HELP, line);
      continue;
    }
    if (line.startsWith("# TYPE")) {
      const [, name = "", kind = ""] = matched(TYPE, line);
      if (help?.[1] !== name || families.some((family) => family.name === name))
        throw new Error(`no place for ${line}`);
      families.push({ name, kind, help: help[2] ?? "", series: [] });
      continue;
    }
    const family = families.at(-1);
    const series = seriesIn(line);
    if (family === undefined || !belongs(series.name, family)) throw new Error(`no family for ${line}`);
    const key = `${series.name}${JSON.stringify(Object.entries(series.labels).toSorted())}`;
    if (seen.has(key)) throw new Error(`twice: ${line}`);
    seen.add(key);
    family.series.push(series);
  }
  for (const family of families) if (family.kind === "histogram") expectWhole(family);
  return families;
}

function matched(shape: RegExp, line: string): readonly string[] {
  const found = shape.exec(line);
  if (found === null) throw new Error(`no line of the format: ${line}`);
  return found;
}

function seriesIn(line: string): Series {
  const [, name = "", written = "", number = ""] = matched(SAMPLE, line);
  const labels: Record<string, string> = {};
  for (let rest = written; rest !== "";) {
    const [whole = "", label = "", value = ""] = matched(LABEL, rest);
    labels[label] = value;
    rest = rest.slice(whole.length);
  }
  const value = number === "+Inf" ? Number.POSITIVE_INFINITY : Number(number);
  if (Number.isNaN(value)) throw new Error(`no number: ${line}`);
  return { name, labels, value };
}

const belongs = (name: string, { name: family, kind }: { readonly name: string; readonly kind: string }): boolean =>
  kind === "histogram" ? ["_bucket", "_sum", "_count"].some((end) => name === family + end) : name === family;

/** Buckets rise to their count, by labels. */
function expectWhole({ name, series }: Family): void {
  for (const count of series.filter((each) => each.name === `${name}_count`)) {
    const own = JSON.stringify(Object.entries(count.labels).toSorted());
    const buckets = series.filter(({ name: each, labels: { le, ...labels } }) => {
      return each === `${name}_bucket` && le !== undefined && JSON.stringify(Object.entries(labels).toSorted()) === own;
    });
    const rises = buckets.every((bucket, at) => at === 0 || bucket.value >= (buckets[at - 1]?.value ?? 0));
    if (!rises || buckets.at(-1)?.value !== count.value || buckets.at(-1)?.labels["le"] !== "+Inf") {
      throw new Error(`${name} does not add up for ${own}`);
    }
  }
}
