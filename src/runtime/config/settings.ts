/**
 * Every setting there is: its shape, its default, and who may set it.
 *
 * Owns: the table of keys and how the text of each becomes a plain value. Does not own: where values
 * come from (load.ts).
 *
 *  C1 Every key of this table is used by some part of the program and stands in config.example.yaml.
 *  C2 A value is either compiled (durations in ms, sizes in bytes) or refused, and it is said what is allowed.
 *  C3 What opens the machine to others, sends work to them or names a program is never taken from a folder's file that
 *     nobody has trusted.
 *
 * @module
 */
import { z } from "zod";
import { isLoopback } from "../../protocol/loopback.ts";
import { type Endpoints, endpointsSchema, shownEndpoints } from "./endpoints.ts";
import { QUORUM_EXPECTED, quorumFrom, SPECIALISTS_EXPECTED, specialistsFrom, type TeamConfig } from "./team.ts";
import { durationMs, sizeBytes } from "./units.ts";

export interface Setting<Value> {
  /** Takes what a file, a flag or the environment holds and gives the compiled value. */
  readonly schema: z.ZodType<Value>;
  /** As a person would write it; undefined where the absence itself means something. */
  readonly fallback: string | number | undefined;
  /** Numbers come from flags and the environment as text and are read as numbers first. */
  readonly number: boolean;
  /** Whether an untrusted ./rbee.yaml may set it. */
  readonly folder: boolean;
  /** Takes named groups of values in place of one value: how they are shown to a person. */
  readonly group: ((written: unknown) => unknown) | undefined;
  /** Takes several values: a list in a file, and everywhere else text with commas between. */
  readonly list: boolean;
}

/** Whatever is wrong with a value, the same sentence says what is allowed. */
function parsed<Value>(expected: string, parse: (written: string | number) => Value | undefined): z.ZodType<Value> {
  return z.union([z.string(), z.number()], { error: expected }).transform((written, ctx) => {
    const value = parse(written);
    if (value !== undefined) return value;
    ctx.addIssue({ code: "custom", message: expected });
    return z.NEVER;
  });
}

const within = (value: number | undefined, min: number, max: number): number | undefined =>
  value !== undefined && Number.isSafeInteger(value) && value >= min && value <= max ? value : undefined;

const duration = (min: string, max: string): z.ZodType<number> =>
  parsed(`expected a duration from ${min} to ${max}, such as 250ms, 30s or 1h30m`, (written) =>
    within(durationMs(String(written)), durationMs(min) ?? 0, durationMs(max) ?? 0),
  );

const size = (min: string, max: string): z.ZodType<number> =>
  parsed(`expected a size from ${min} to ${max}, such as 512MiB or 8GiB`, (written) => {
    const bytes = sizeBytes(String(written)) ?? sizeBytes(`${written}B`);
    return within(bytes, sizeBytes(min) ?? 0, sizeBytes(max) ?? 0);
  });

/** Of a second. */
const rate = (min: string, max: string): z.ZodType<number> =>
  parsed(`expected none, or a size a second from ${min} to ${max}, such as 5MB`, (written) =>
    written === "none" ? Infinity : within(sizeBytes(String(written)), sizeBytes(min) ?? 0, sizeBytes(max) ?? 0),
  );

const count = (min: number, max: number): z.ZodType<number> => {
  const error = `expected a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};

/** Of money: to a millionth. */
const amount = (max: number): z.ZodType<number> => {
  const error = `expected an amount from 0 to ${max}, such as 0.5`;
  return z.number({ error }).min(0, { error }).max(max, { error });
};

const autoOr = (min: number, max: number): z.ZodType<number | "auto"> =>
  parsed(`expected auto or a whole number from ${min} to ${max}`, (written) =>
    written === "auto" ? written : within(Number(written), min, max),
  );

const oneOf = <const Word extends string>(...words: readonly Word[]): z.ZodType<Word> =>
  z.enum(words, { error: `expected ${words.slice(0, -1).join(", ")} or ${words.at(-1)}` });

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const HOST_PORT = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^\s:[\]/@]+)):(\d{1,5})$/;

const hostPort = parsed(
  "expected HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080; port 0 takes a free one",
  (written) => {
    const [, bracketed, plain, digits] = HOST_PORT.exec(String(written)) ?? [];
    const host = bracketed ?? plain;
    const port = within(Number(digits), 0, 65_535);
    return host === undefined || port === undefined ? undefined : { host, port };
  },
);

/** Of a door that hears this machine alone. */
const loopbackPort = hostPort.refine(({ host }) => isLoopback(host), {
  error: "expected HOST:PORT on this machine alone, such as 127.0.0.1:9200 or [::1]:9200",
});

const ORIGINS_MAX = 64;

const originList = parsed("expected origins such as https://app.example, with commas between", (written) => {
  const origins = String(written)
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
  return origins.length <= ORIGINS_MAX && origins.every(isOrigin) ? origins : undefined;
});

/** As a browser writes it. */
const isOrigin = (text: string): boolean =>
  /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;

export const NODE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

const nodeName = z.string({ error: "expected a name" }).regex(NODE_NAME, {
  error: "expected at most 63 letters, digits, dots, dashes and underscores, a letter or digit first",
});

const modelName = z.string({ error: "expected the name of a model" }).min(1).max(4_096);

const programPath = z.string({ error: "expected the path of a program" }).min(1).max(4_096);

const setting = <Value>(
  schema: z.ZodType<Value>,
  fallback: string | number | undefined,
  also: {
    readonly number?: true;
    readonly folder?: false;
    readonly group?: Setting<Value>["group"];
    readonly list?: true;
  } = {},
): Setting<Value> => ({
  schema,
  fallback,
  number: also.number ?? false,
  folder: also.folder ?? true,
  group: also.group,
  list: also.list ?? false,
});

const number = { number: true } as const;

/** The compiled value of each key. */
interface SettingValues {
  readonly listen: HostPort;
  readonly "hive.listen": HostPort;
  readonly "cors.origins": readonly string[];
  readonly name: string | undefined;
  readonly "model.default": string | undefined;
  readonly "model.preload": "default" | "none";
  readonly "model.downloadRate": number;
  readonly "queen.lease": number;
  readonly "queue.lengthMax": number;
  readonly "job.deadline": number;
  readonly "job.attemptsMax": number;
  readonly "worker.slots": number;
  readonly "worker.contextTokens": number;
  readonly "worker.threads": number | "auto";
  readonly "worker.gpu": "auto" | "none";
  readonly "worker.engine": "llama" | "llama-server";
  readonly "worker.idleTimeout": number;
  readonly "worker.loadTimeout": number;
  readonly "worker.ports.from": number;
  readonly "engines.llamaServer.path": string;
  readonly endpoints: Endpoints | undefined;
  readonly "memory.headroom": number;
  readonly "team.mode": TeamConfig["mode"];
  readonly "team.specialists": TeamConfig["specialists"];
  readonly "team.style": TeamConfig["style"];
  readonly "team.contributionsMax": number;
  readonly "team.roundsMax": number;
  readonly "team.quorum": TeamConfig["quorum"];
  readonly "team.samples": number;
  readonly "team.tokensMax": number;
  readonly "team.costMax": number;
  readonly "team.concurrentMax": number;
  readonly "team.idle": number;
  readonly "team.hard": number;
  readonly "team.draft": number;
  readonly "team.turn": number;
  readonly "team.grace": number;
  readonly "team.final": number;
  readonly "team.summary": number;
  readonly "team.agentTtl": number;
  readonly "shutdown.finish": number;
  readonly "shutdown.stopWorkers": number;
  readonly "limits.bodyBytes": number;
  readonly "limits.connections": number | "auto";
}

export type SettingKey = keyof SettingValues;
export type SettingValue<Key extends SettingKey> = SettingValues[Key];

export const SETTINGS: { readonly [Key in SettingKey]: Setting<SettingValue<Key>> } = {
  listen: setting(hostPort, "127.0.0.1:8080", { folder: false }),
  "hive.listen": setting(loopbackPort, "127.0.0.1:9200", { folder: false }),
  "cors.origins": setting(originList, "", { folder: false, list: true }),
  name: setting(nodeName.optional(), undefined),
  "model.default": setting(modelName.optional(), undefined),
  "model.preload": setting(oneOf("default", "none"), "default"),
  "model.downloadRate": setting(rate("64KiB", "1TiB"), "none"),
  "queen.lease": setting(duration("1s", "1m"), "9s"),
  "queue.lengthMax": setting(count(1, 1_000_000), 1_000, number),
  "job.deadline": setting(duration("1s", "24h"), "10m"),
  "job.attemptsMax": setting(count(1, 100), 3, number),
  "worker.slots": setting(count(1, 256), 4, number),
  "worker.contextTokens": setting(count(64, 1_048_576), 4_096, number),
  "worker.threads": setting(autoOr(1, 1024), "auto"),
  "worker.gpu": setting(oneOf("auto", "none"), "auto"),
  "worker.engine": setting(oneOf("llama", "llama-server"), "llama", { folder: false }),
  "worker.idleTimeout": setting(duration("1s", "7d"), "5m"),
  "worker.loadTimeout": setting(duration("1s", "24h"), "5m"),
  "worker.ports.from": setting(count(1, 65_535), 8_001, number),
  "engines.llamaServer.path": setting(programPath, "llama-server", { folder: false }),
  endpoints: setting(endpointsSchema.optional(), undefined, { folder: false, group: shownEndpoints }),
  "memory.headroom": setting(size("0B", "1TiB"), "512MiB"),
  "team.mode": setting(oneOf("auto", "alone", "vote", "discuss"), "auto"),
  "team.specialists": setting(parsed(SPECIALISTS_EXPECTED, specialistsFrom).optional(), undefined, { list: true }),
  "team.style": setting(oneOf("structured", "free"), "structured"),
  "team.contributionsMax": setting(count(1, 100), 3, number),
  "team.roundsMax": setting(count(1, 1_000), 10, number),
  "team.quorum": setting(parsed(QUORUM_EXPECTED, quorumFrom), "majority"),
  "team.samples": setting(count(1, 64), 5, number),
  "team.tokensMax": setting(count(0, 1_000_000_000), 60_000, number),
  "team.costMax": setting(amount(1_000_000), 0, { ...number, folder: false }),
  "team.concurrentMax": setting(count(1, 1_000), 8, number),
  "team.idle": setting(duration("100ms", "1h"), "6s"),
  "team.hard": setting(duration("1s", "24h"), "300s"),
  "team.draft": setting(duration("100ms", "24h"), "60s"),
  "team.turn": setting(duration("100ms", "24h"), "60s"),
  "team.grace": setting(duration("0s", "1h"), "5s"),
  "team.final": setting(duration("100ms", "1h"), "30s"),
  "team.summary": setting(duration("100ms", "1h"), "4s"),
  "team.agentTtl": setting(duration("1s", "24h"), "10m"),
  "shutdown.finish": setting(duration("0s", "1h"), "10s"),
  "shutdown.stopWorkers": setting(duration("100ms", "1h"), "5s"),
  "limits.bodyBytes": setting(size("1KiB", "1GiB"), "8MiB"),
  "limits.connections": setting(autoOr(16, 1_000_000), "auto"),
};

export const SETTING_KEYS = Object.keys(SETTINGS).filter(isSettingKey);

export function isSettingKey(text: string): text is SettingKey {
  return Object.hasOwn(SETTINGS, text);
}

/** The groups that keys stand in: `worker`, `worker.ports`, ... */
export const SETTING_GROUPS: ReadonlySet<string> = new Set(
  SETTING_KEYS.flatMap((key) => [...key.matchAll(/\./g)].map((dot) => key.slice(0, dot.index))),
);

/** `worker.idleTimeout` is RBEE_WORKER_IDLE_TIMEOUT in the environment. */
export const environmentName = (key: SettingKey): string =>
  `RBEE_${key
    .replaceAll(".", "_")
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;

/** What a person may see of what was written. */
export const shown = (key: SettingKey, written: unknown): unknown => SETTINGS[key].group?.(written) ?? written;
