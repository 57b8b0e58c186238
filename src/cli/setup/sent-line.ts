/**
 * How far the sending of a program is, for a person: one line drawn anew at a terminal, a plain line each quarter
 * elsewhere.
 *
 * @module
 */
import { sizeText } from "../../runtime/config/units.ts";
import { drawnLine } from "../terminal/drawn-line.ts";

export interface SentLine {
  /** @param bytes in all */
  sent(bytes: number): void;
  clear(): void;
}

const QUARTERS = 4;

export function sentLine(name: string, totalBytes: number, stream: NodeJS.WriteStream = process.stderr): SentLine {
  const line = drawnLine(stream);
  let [quarter, percent] = [0, -1];
  return {
    sent(bytes) {
      const fraction = Math.min(1, bytes / totalBytes);
      const text = `${name}: ${Math.floor(fraction * 100)} % of ${sizeText(totalBytes)} sent`;
      if (stream.isTTY) {
        if (percent !== Math.floor(fraction * 100)) line.draw(text);
        percent = Math.floor(fraction * 100);
      } else if (Math.floor(fraction * QUARTERS) > quarter) {
        quarter = Math.floor(fraction * QUARTERS);
        stream.write(`${text}\n`);
      }
    },
    clear: line.clear,
  };
}
