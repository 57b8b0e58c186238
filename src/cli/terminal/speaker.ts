/**
 * An answer on its way to stdout: words as they come, and a newline at the end if the last word brought none.
 *
 * @module
 */
import type { Output } from "./output.ts";

export interface Speaker {
  say(text: string): Promise<void>;
  end(): Promise<void>;
}

export function speaker(output: Output): Speaker {
  let last = "";
  return {
    async say(text) {
      if (text !== "") last = text;
      await output.data(text);
    },
    async end() {
      if (last !== "" && !last.endsWith("\n")) await output.data("\n");
      last = "";
    },
  };
}
