/**
 * V8's collector, at a moment that a test chooses.
 *
 * @module
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collector: unknown;

export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  collector ??= runInNewContext("gc");
  if (typeof collector !== "function") throw new Error("this Node has no collector to call");
  collector();
}
