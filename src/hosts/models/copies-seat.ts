/**
 * What other machines of the cluster ask of models: which machines have one, and its bytes, from this machine or
 * through it from another.
 *
 *  CS1 Every machine that is there is asked at that moment, so that nobody is told to have what it has not.
 *  CS2 This machine gives so many files at a time.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { finished, type Readable } from "node:stream";
import type { CopiesSeat, FileAsked } from "../../doors/copies.ts";
import { RbeeError } from "../../protocol/errors.ts";
import type { AskMachine } from "../seats/machines-seat.ts";
import type { Catalog } from "./catalog.ts";

export interface CopiesFacts {
  readonly catalog: Catalog;
  /** Of this machine. */
  readonly name: string;
  /** The other machines that are linked. */
  readonly linked: () => readonly string[];
  readonly ask: AskMachine;
  readonly openAfar: (asked: FileAsked, signal: AbortSignal) => Promise<Readable>;
}

export const GIVING_MAX = 4;

export function copiesSeat({ catalog, name, linked, ask, openAfar }: CopiesFacts): CopiesSeat {
  let giving = 0;
  const open = async (asked: FileAsked, signal: AbortSignal): Promise<Readable> => {
    if (asked.machine !== name) return openAfar(asked, signal);
    return createReadStream(await catalog.partOf(asked.model, asked.part), { start: asked.fromByte });
  };
  return {
    async offers(model, asker = name) {
      const others = [name, ...linked()].filter((machine) => machine !== asker);
      const told = others.map(async (machine) => {
        // One that cannot say has nothing to give.
        const { offer } = await ask(machine, { type: "offer", model }).catch(() => ({ offer: undefined }));
        return offer === undefined ? [] : [{ machine, ...offer }];
      });
      return (await Promise.all(told)).flat();
    },
    async open(asked, signal) {
      if (giving >= GIVING_MAX) throw new RbeeError("mailbox.full", `${giving} files are given already`);
      giving += 1;
      try {
        const readable = await open(asked, signal);
        finished(readable, () => void (giving -= 1));
        return readable;
      } catch (thrown) {
        giving -= 1;
        throw thrown;
      }
    },
  };
}
