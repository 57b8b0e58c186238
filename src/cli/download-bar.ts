/**
 * How a download goes, for a person: one line that is drawn anew at a terminal, a plain line now and then elsewhere.
 *
 * @module
 */
import { diskSize } from "../../machines/rules/room.ts";
import type { DownloadEvent } from "../protocol/api.ts";
import { durationText } from "../runtime/config/units.ts";

export type Progress = Extract<DownloadEvent, { type: "progress" }>;

export interface DownloadBar {
  show(progress: Progress): void;
  clear(): void;
}

const CLEAR_LINE = "\r\u001B[2K";
const BAR_CHARS = 24;
/** Between two plain lines of the same step. */
const PLAIN_MS = 10_000;

export function downloadBar(stream: NodeJS.WriteStream = process.stderr): DownloadBar {
  let shown = false;
  let [plainStep, plainAtMs] = ["", 0];
  const clear = (): void => {
    if (shown) stream.write(CLEAR_LINE);
    shown = false;
  };
  return {
    show(progress) {
      if (stream.isTTY) {
        stream.write(`${CLEAR_LINE}${barText(progress).slice(0, (stream.columns || 80) - 1)}`);
        shown = true;
        return;
      }
      const now = performance.now();
      if (progress.step === plainStep && now - plainAtMs < PLAIN_MS) return;
      [plainStep, plainAtMs] = [progress.step, now];
      stream.write(`${plainText(progress)}\n`);
    },
    clear,
  };
}

/** `[#########---------------]  38 %  1.20 GB of 3.10 GB  24.1 MB/s  1 min left` */
export function barText(progress: Progress): string {
  const { step, presentBytes, totalBytes } = progress;
  if (step === "resolving" || step === "waiting" || totalBytes === 0) return plainText(progress);
  const fraction = Math.min(1, presentBytes / totalBytes);
  const filled = Math.floor(fraction * BAR_CHARS);
  const percent = `${String(Math.floor(fraction * 100)).padStart(3)} %`;
  const bar = `[${"#".repeat(filled)}${"-".repeat(BAR_CHARS - filled)}] ${percent}`;
  return step === "checking" ? `${bar}  checking` : `${bar}  ${amounts(progress)}`;
}

export function plainText(progress: Progress): string {
  const { model, step, trouble } = progress;
  switch (step) {
    case "resolving":
      return `asking the hub for ${model}`;
    case "fetching":
      return `fetching ${model}: ${amounts(progress)}`;
    case "checking":
      return `checking ${model}`;
    case "waiting":
      return `trying again: ${trouble?.message ?? "it was cut"}`;
  }
}

function amounts({ presentBytes, totalBytes, bytesPerSecond }: Progress): string {
  const speed = bytesPerSecond === 0 ? [] : [`${diskSize(bytesPerSecond)}/s`];
  const leftMs = bytesPerSecond === 0 ? 0 : ((totalBytes - presentBytes) / bytesPerSecond) * 1000;
  const left = leftMs === 0 ? [] : [`${durationText(Math.max(1000, leftMs))} left`];
  return [`${diskSize(presentBytes)} of ${diskSize(totalBytes)}`, ...speed, ...left].join("  ");
}
