/**
 * The one line that says a model is loading, while it does; for a person at a terminal alone.
 *
 * @module
 */
import type { TaskEvent } from "../protocol/api.ts";

export interface LoadingLine {
  show(event: TaskEvent): void;
  clear(): void;
}

const CLEAR_LINE = "\r\u001B[2K";

export function loadingLine(stream: NodeJS.WriteStream = process.stderr): LoadingLine {
  let shown = false;
  const clear = (): void => {
    if (shown) stream.write(CLEAR_LINE);
    shown = false;
  };
  return {
    show(event) {
      if (event.type !== "loading" || !stream.isTTY) return clear();
      const doing = event.step === "download" ? "fetching" : "loading";
      const text = `${doing} ${event.model} ${Math.floor(event.fraction * 100)} %`;
      stream.write(`${CLEAR_LINE}${text.slice(0, (stream.columns || 80) - 1)}`);
      shown = true;
    },
    clear,
  };
}
