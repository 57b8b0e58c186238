/**
 * What a model that is not ready does, for whoever waits for its answer: on its way here as any download is shown, into
 * memory for a person at a terminal alone.
 *
 * @module
 */
import type { TaskEvent } from "../../protocol/api.ts";
import { downloadBar } from "./download-bar.ts";
import { drawnLine } from "./drawn-line.ts";

export interface LoadingLine {
  show(event: TaskEvent): void;
  clear(): void;
}

export function loadingLine(stream: NodeJS.WriteStream = process.stderr): LoadingLine {
  const line = drawnLine(stream);
  const bar = downloadBar(stream, line);
  return {
    show(event) {
      if (event.type !== "loading") return line.clear();
      const { model, fraction, download } = event;
      if (download !== undefined) return bar.show({ model, ...download });
      if (stream.isTTY) line.draw(`loading ${model} ${Math.floor(fraction * 100)} %`);
    },
    clear: line.clear,
  };
}
