/**
 * The devices of this machine: what each backend of the engine finds here, and why not where it finds nothing.
 *
 * Owns: asking, in processes of their own with a deadline, and what was last found. Does not own: what the engine does
 * with a device, which model goes where (machines/rules/reserve.ts).
 *
 *  D1 A backend that crashes or hangs is told as such, costs no more than its deadline and no other its answer.
 *  D2 Memory is never counted twice: a GPU that shares the machine's memory has none of its own here.
 *  D3 Workers use one GPU backend, the first that is usable; its cards are one device, as the engine spreads a model
 *     over all of them.
 *  D4 What was found is kept; it is asked for again no more often than once a while, and never by two at a time.
 *  D5 A node asks only those backends of which the system shows a device: asking costs a process and a second.
 *  D6 A model that was given room in the machine's memory beside a card leaves the card alone.
 *
 * @module
 */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { Device, DeviceKind } from "../../../machines/rules/reserve.ts";
import { memory } from "./machine.ts";
import { type Card, nvidiaCards } from "./nvidia-smi.ts";
import { spawnChild, type SpawnedChild } from "../real/spawn-child.ts";

/** What a backend says of itself (device-probe.ts). */
const foundShape = z.object({
  usable: z.boolean(),
  /** Why not; "" where it is usable. */
  why: z.string(),
  names: z.array(z.string()),
  totalBytes: z.int().min(0),
  freeBytes: z.int().min(0),
  /** Of the total, what is the machine's own memory. */
  sharedBytes: z.int().min(0),
});
export type Found = z.infer<typeof foundShape>;

export interface Backend extends Found {
  readonly kind: DeviceKind;
  /** Card by card where that is known, else all as one. */
  readonly cards: readonly Card[];
}

/** In the order in which the engine prefers them. */
const KINDS: readonly DeviceKind[] = ["cuda", "metal", "vulkan", "cpu"];
const PATIENCE_MS = 20_000;
const ANSWER_BYTES_MAX = 64 * 1024;
/** How long after its end somebody else may hold its pipe open. */
const PIPE_GRACE_MS = 250;
const FRESH_MS = 60_000;
type Environment = Readonly<Record<string, string>>;
const ENTRY = join(import.meta.dirname, `device-probe${import.meta.filename.endsWith(".ts") ? ".ts" : ".js"}`);

export interface Probing {
  readonly kinds?: readonly DeviceKind[];
  readonly entry?: string;
  readonly patienceMs?: number;
}

/** Takes about a second, and at most the deadline. */
export function detect(env: Environment, probing: Probing = {}): Promise<readonly Backend[]> {
  const { kinds = KINDS } = probing;
  const cards = kinds.includes("cuda") ? nvidiaCards() : Promise.resolve([]);
  return Promise.all(
    kinds.map(async (kind): Promise<Backend> => {
      const found = await askBackend(kind, env, probing);
      return { kind, ...found, cards: cardsOf(kind, found, kind === "cuda" ? await cards : []) };
    }),
  );
}

/** D5. WSL shows every GPU as one file. */
const DEVICE_FILES: Readonly<Record<string, readonly string[]>> = {
  cuda: ["/dev/nvidiactl", "/dev/dxg"],
  vulkan: ["/dev/dri", "/dev/nvidiactl", "/dev/dxg"],
};

/** GPU backends worth asking here. */
export function likelyKinds(
  platform: NodeJS.Platform = process.platform,
  exists: (path: string) => boolean = existsSync,
): readonly DeviceKind[] {
  if (platform === "darwin") return ["metal"];
  if (platform === "win32") return ["cuda", "vulkan"];
  return (["cuda", "vulkan"] as const).filter((kind) => DEVICE_FILES[kind]?.some((path) => exists(path)));
}

function cardsOf(kind: DeviceKind, found: Found, known: readonly Card[]): readonly Card[] {
  if (!found.usable || kind === "cpu") return [];
  if (known.length > 0) return known;
  return [{ name: found.names.join(" + "), totalBytes: found.totalBytes, freeBytes: found.freeBytes }];
}

/** D1. */
async function askBackend(
  kind: DeviceKind,
  env: Environment,
  { entry = ENTRY, patienceMs = PATIENCE_MS }: Probing,
): Promise<Found> {
  let child: SpawnedChild;
  try {
    child = await spawnChild(entry, [kind], { ...env });
  } catch (thrown) {
    return silent(String(thrown));
  }
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    // It is not reaped yet, so its number is its own; helpers of its driver go with it.
    process.kill(-child.pid, "SIGKILL");
  }, patienceMs);
  void child.exit.then(() => clearTimeout(timer));
  child.stdout.resume();
  child.stderr.resume();
  const [answer, [code, signal]] = await Promise.all([answerOf(child), child.exit]);
  if (isLate) return silent(`it did not answer within ${patienceMs} ms`);
  return answer ?? silent(`asking it ended with ${signal === null ? `exit code ${code}` : `signal ${signal}`}`);
}

const silent = (why: string): Found => ({
  usable: false,
  why,
  names: [],
  totalBytes: 0,
  freeBytes: 0,
  sharedBytes: 0,
});

async function answerOf({ frames, exit }: SpawnedChild): Promise<Found | undefined> {
  let text = "";
  frames.setEncoding("utf8");
  frames.on("data", (piece: string) => (text = (text + piece).slice(0, ANSWER_BYTES_MAX)));
  await Promise.race([once(frames, "close"), exit.then(() => pause(PIPE_GRACE_MS))]);
  try {
    return foundShape.parse(JSON.parse(text));
  } catch {
    // What a crash cut short is no answer.
    return undefined;
  }
}

/** What was last found, for those who ask often. */
export class Devices {
  readonly #ask: () => Promise<readonly Backend[]>;
  readonly #nowMs: () => number;
  #found: readonly Backend[] = [];
  #askedMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  constructor(ask: () => Promise<readonly Backend[]>, nowMs: () => number = () => performance.now()) {
    this.#ask = ask;
    this.#nowMs = nowMs;
  }

  /** D4. Resolves when what is known is no older than a while. */
  async refresh(): Promise<void> {
    if (this.#nowMs() - this.#askedMs < FRESH_MS) return this.#asking;
    this.#askedMs = this.#nowMs();
    this.#asking = this.#ask().then((found) => void (this.#found = found));
    return this.#asking;
  }

  get backends(): readonly Backend[] {
    return this.#found;
  }

  /** Where a model may go. D2, D3. */
  get list(): readonly (Device & { readonly name: string })[] {
    const cpu = { id: "cpu", kind: "cpu", name: "processor and memory", ...memory() } as const;
    const gpu = this.#found.find(({ kind, usable }) => usable && kind !== "cpu");
    if (gpu === undefined || gpu.sharedBytes > 0) return [cpu];
    const { kind, names, totalBytes, freeBytes } = gpu;
    return [{ id: kind, kind, name: names.join(" + "), totalBytes, freeBytes }, cpu];
  }

  /** D6. Where there is one memory for both, the card works in it. */
  gpuFor(device: string): "auto" | "none" {
    return device === "cpu" && this.list.length > 1 ? "none" : "auto";
  }
}
