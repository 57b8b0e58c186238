/**
 * The archive: discussions that are over, a file each, in the folder of their session.
 *
 * Owns: `sessions/SESSION/DISCUSSION.ndjson`, one event of the log a line. Does not own: discussions that run.
 *
 *  AR1 A log is there whole or not at all, and outlives the machine's power once it was said to be kept.
 *  AR2 The folder is the list: there is no other that could disagree with it. A session that is removed is gone.
 *  AR3 Who asks what a session has is told of what is being kept as well: its final word may have been heard by then.
 *  AR4 What is read is held to the log's own form: a damaged file is told by its name and hides no other.
 *  AR5 What was forgotten of all that is known stands in no log any more that had been given it; else nothing of a log
 *      is changed, nor its place among the others.
 *  AR6 A damaged file that is in the way is set aside under another name: it is told as damaged from then on, and read
 *      no more.
 *  AR7 Logs of a session stand as their questions were asked; another way of one begins as old, and stands behind it.
 *
 * @module
 */
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { withoutKnown } from "../../../machines/rules/learn.ts";
import type { LogEvent } from "../../../machines/rules/log.ts";
import type { KeepAsk } from "../../actors/team/ending.ts";
import { logEvent } from "../../protocol/discussion-api.ts";
import { errorData, RbeeError } from "../../protocol/errors.ts";
import { jsonOf } from "../../protocol/json.ts";
import type { AskResult } from "../../runtime/envelope.ts";
import type { Port, PortCall } from "../../runtime/ports.ts";

const ENDING = ".ndjson";
const ASIDE = `${ENDING}.damaged`;
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** A discussion of ten rounds is a tenth of it. */
const FILE_BYTES_MAX = 16 * 2 ** 20;

export interface KeptLog {
  readonly discussion: string;
  readonly session: string;
  readonly log: readonly LogEvent[];
}

export interface Shelf {
  readonly kept: readonly KeptLog[];
  readonly damaged: readonly RbeeError[];
}

/** AR7. Of its first event, or of its last. */
const atOf = ({ log }: KeptLog, place: 0 | -1): number => log.at(place)?.at ?? 0;

/** A file that is no log, and what is wrong with it. */
interface Damaged {
  readonly name: string;
  readonly error: RbeeError;
}

export class Archive implements Port {
  readonly #folder: string;
  readonly #keeping = new Set<Promise<unknown>>();

  /** @param folder of the sessions */
  constructor(folder: string) {
    this.#folder = folder;
  }

  ask({ event }: PortCall, answer: (result: AskResult) => void): void {
    const keeping = this.#keep(event as unknown as KeepAsk)
      .then(
        () => answer({ ok: true, event: { type: "kept" } }),
        (thrown: unknown) => answer({ ok: false, error: errorData(thrown) }),
      )
      .finally(() => this.#keeping.delete(keeping));
    this.#keeping.add(keeping);
  }

  drop(): void {}

  /** Newest first, by what their last file was written. */
  async sessions(): Promise<readonly string[]> {
    await this.#settled();
    const names = await entries(this.#folder);
    const dated = await Promise.all(
      names
        .filter((name) => ID.test(name))
        .map(async (name) => ({ name, at: (await stat(join(this.#folder, name))).mtimeMs })),
    );
    return dated.toSorted((a, b) => b.at - a.at || a.name.localeCompare(b.name)).map(({ name }) => name);
  }

  /** In the order in which they began. @throws RbeeError journal.corrupt */
  async ofSession(session: string): Promise<readonly KeptLog[]> {
    const { kept, damaged } = await this.#looked(session);
    if (damaged[0] !== undefined) throw damaged[0].error;
    return kept;
  }

  /** AR4. What can be read, in the order in which it began, and what cannot. */
  async shelf(session: string): Promise<Shelf> {
    const { kept, damaged, aside } = await this.#looked(session);
    return { kept, damaged: [...damaged.map(({ error }) => error), ...aside] };
  }

  /** AR6. What can be read, and the names of the files that were in the way. */
  async readable(session: string): Promise<{ readonly kept: readonly KeptLog[]; readonly aside: readonly string[] }> {
    const { kept, damaged } = await this.#looked(session);
    const folder = this.#folderOf(session);
    const aside = damaged.map(({ name }) => name);
    for (const name of aside)
      await unlessGone(rename(join(folder, `${name}${ENDING}`), join(folder, `${name}${ASIDE}`)));
    return { kept, aside };
  }

  async #looked(session: string): Promise<{
    readonly kept: readonly KeptLog[];
    readonly damaged: readonly Damaged[];
    readonly aside: readonly RbeeError[];
  }> {
    await this.#settled();
    const folder = this.#folderOf(session);
    const files = await entries(folder);
    const names = files.filter((name) => name.endsWith(ENDING)).map((name) => name.slice(0, -ENDING.length));
    const read = await Promise.all(names.map((name) => this.#readOrTell(session, name)));
    const kept = read.filter((one) => "log" in one);
    const set = files.filter((name) => name.endsWith(ASIDE));
    return {
      kept: kept.toSorted((a, b) => atOf(a, 0) - atOf(b, 0) || atOf(a, -1) - atOf(b, -1)),
      damaged: read.filter((one) => "error" in one),
      aside: set.map((name) => new RbeeError("journal.corrupt", `${join(folder, name)} was damaged, and is set aside`)),
    };
  }

  /** @returns nothing where there is none of that name */
  async find(discussion: string): Promise<KeptLog | undefined> {
    if (!ID.test(discussion)) return undefined;
    await this.#settled();
    for (const session of await entries(this.#folder)) {
      if ((await entries(join(this.#folder, session))).includes(`${discussion}${ENDING}`)) {
        return this.#read(session, discussion);
      }
    }
    return undefined;
  }

  /** @returns whether there was one */
  async remove(session: string): Promise<boolean> {
    const folder = this.#folderOf(session);
    await this.#settled();
    const isThere = (await entries(folder)).length > 0;
    await rm(folder, { recursive: true, force: true });
    return isThere;
  }

  /** AR5. @returns the sessions in whose logs it stood */
  async redact(knowledge: string): Promise<readonly string[]> {
    await this.#settled();
    const changed: string[] = [];
    for (const session of (await entries(this.#folder)).filter((name) => ID.test(name))) {
      const logs = (await this.shelf(session)).kept.filter(({ log }) => gives(log[0], knowledge));
      if (logs.length === 0) continue;
      const { atime, mtime } = await stat(this.#folderOf(session));
      for (const {
        discussion,
        log: [opened, ...rest],
      } of logs) {
        if (opened?.type === "opened") {
          await this.#keep({ type: "keep", session, discussion, log: [withoutKnown(opened, knowledge), ...rest] });
        }
      }
      await utimes(this.#folderOf(session), atime, mtime);
      changed.push(session);
    }
    return changed;
  }

  /** AR3. */
  async #settled(): Promise<void> {
    await Promise.all(this.#keeping);
  }

  /** AR1. */
  async #keep({ session, discussion, log }: KeepAsk): Promise<void> {
    const folder = this.#folderOf(session);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${discussion}${ENDING}`);
    const file = await open(`${path}.part`, "w", 0o600);
    try {
      await file.writeFile(log.map((event) => `${JSON.stringify(event)}\n`).join(""));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.part`, path);
    const place = await open(folder, "r");
    try {
      await place.sync();
    } finally {
      await place.close();
    }
  }

  #folderOf(session: string): string {
    if (!ID.test(session)) throw new RbeeError("request.not.found", `there is no session ${session.slice(0, 64)}`);
    return join(this.#folder, session);
  }

  async #readOrTell(session: string, name: string): Promise<KeptLog | Damaged> {
    try {
      return await this.#read(session, name);
    } catch (thrown) {
      if (thrown instanceof RbeeError) return { name, error: thrown };
      throw thrown;
    }
  }

  /** AR4. */
  async #read(session: string, discussion: string): Promise<KeptLog> {
    const path = join(this.#folderOf(session), `${discussion}${ENDING}`);
    const damaged = (why: string): RbeeError => new RbeeError("journal.corrupt", `${path} ${why}`);
    if ((await stat(path)).size > FILE_BYTES_MAX) throw damaged("is larger than any log");
    const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
    const log = lines.map((line, seq) => {
      const event = jsonOf(line);
      if (!isEvent(event) || event.seq !== seq) throw damaged(`has no event of a log in line ${seq + 1}`);
      return event;
    });
    return { discussion, session, log };
  }
}

const gives = (event: LogEvent | undefined, knowledge: string): boolean =>
  event?.type === "opened" && event.knowledge?.some(({ id, text }) => id === knowledge && text !== "") === true;

/** As it was written, key by key: what is exported is what was kept. */
const isEvent = (value: unknown): value is LogEvent => logEvent.safeParse(value).success;

/** A folder that is not there has nothing in it. */
const entries = async (folder: string): Promise<readonly string[]> => (await unlessGone(readdir(folder))) ?? [];

/** Somebody else was quicker, or there never was one. */
async function unlessGone<Value>(doing: Promise<Value>): Promise<Value | undefined> {
  try {
    return await doing;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && (thrown.code === "ENOENT" || thrown.code === "ENOTDIR"))
      return undefined;
    throw thrown;
  }
}
