/**
 * The far process of the link's bench, as the near one sees it.
 *
 * @module
 */
import { forked } from "./forked.ts";
import type { CountTo, FarNews } from "./link-far.ts";

export type Counted = Extract<FarNews, { kind: "counted" }>;

export interface Far {
  readonly url: string;
  /** From when it resolves on, everything counts; it gives what resolves when so many have come. */
  counting(count: number): Promise<{ readonly counted: Promise<Counted> }>;
  stop(): Promise<void>;
}

export async function startFar(mode: string, journalPath = ""): Promise<Far> {
  const far = forked<FarNews>("./link-far.ts", [mode, journalPath]);
  const { port } = await far.heard("listening");
  return {
    url: `ws://127.0.0.1:${port}`,
    async counting(count) {
      far.say({ count } satisfies CountTo);
      await far.heard("counting");
      return { counted: far.heard("counted") };
    },
    stop: () => far.stop(),
  };
}
