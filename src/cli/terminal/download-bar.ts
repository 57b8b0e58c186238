/**
 * How a download goes, for a person: one line that is drawn anew at a terminal, a plain line now and then elsewhere.
 *
 * @module
 */
import { diskSize } from "../../../machines/rules/room.ts";
import type { DownloadView } from "../../protocol/download-api.ts";
import { durationText } from "../../runtime/config/units.ts";
import { type DrawnLine, drawnLine } from "./drawn-line.ts";

export interface DownloadBar {
  show(progress: DownloadView): void;
  clear(): void;
}

const BAR_CHARS = 24;
/** Between two plain lines of the same step. */
const PLAIN_MS = 10_000;

/** @param line where it is drawn at a terminal */
export function downloadBar(
  stream: NodeJS.WriteStream = process.stderr,
  line: DrawnLine = drawnLine(stream),
): DownloadBar {
  let [plainStep, plainAtMs] = ["", 0];
  return {
    show(progress) {
      if (stream.isTTY) return line.draw(barText(progress));
      const now = performance.now();
      if (progress.step === plainStep && now - plainAtMs < PLAIN_MS) return;
      [plainStep, plainAtMs] = [progress.step, now];
      stream.write(`${plainText(progress)}\n`);
    },
    clear: line.clear,
  };
}

/** `[#########---------------]  38 %  1.20 GB of 3.10 GB  24.1 MB/s  1 min left` */
export function barText(progress: DownloadView): string {
  const { step, totalBytes, from } = progress;
  if (step === "resolving" || step === "waiting" || totalBytes === 0) return plainText(progress);
  const filled = Math.floor(fractionOf(progress) * BAR_CHARS);
  const percent = String(percentOf(progress)).padStart(3);
  const bar = `[${"#".repeat(filled)}${"-".repeat(BAR_CHARS - filled)}] ${percent} %`;
  return step === "checking"
    ? `${bar}  checking`
    : `${bar}  ${amounts(progress)}${from === undefined ? "" : `  from ${from}`}`;
}

/** `fetching 38 %`, for a column. */
export function stepText(progress: DownloadView): string {
  const { step, totalBytes, trouble, from } = progress;
  if (step === "resolving") return "asking the hub";
  if (step === "waiting") return `waiting: ${trouble?.code ?? "it was cut"}`;
  const word = step === "fetching" && from !== undefined ? "copying" : step;
  return totalBytes === 0 ? word : `${word} ${percentOf(progress)} %`;
}

const fractionOf = ({ presentBytes, totalBytes }: DownloadView): number => Math.min(1, presentBytes / totalBytes);
const percentOf = (progress: DownloadView): number => Math.floor(fractionOf(progress) * 100);

export function plainText(progress: DownloadView): string {
  const { model, step, trouble, from } = progress;
  switch (step) {
    case "resolving":
      return `asking the hub for ${model}`;
    case "fetching":
      return `${from === undefined ? `fetching ${model}` : `copying ${model} from ${from}`}: ${amounts(progress)}`;
    case "checking":
      return `checking ${model}`;
    case "waiting":
      return `trying again: ${trouble?.message ?? "it was cut"}`;
  }
}

function amounts({ presentBytes, totalBytes, bytesPerSecond }: DownloadView): string {
  const speed = bytesPerSecond === 0 ? [] : [`${diskSize(bytesPerSecond)}/s`];
  const leftMs = bytesPerSecond === 0 ? 0 : ((totalBytes - presentBytes) / bytesPerSecond) * 1000;
  const left = leftMs === 0 ? [] : [`${durationText(Math.max(1000, leftMs))} left`];
  return [`${diskSize(presentBytes)} of ${diskSize(totalBytes)}`, ...speed, ...left].join("  ");
}
