/**
 * Loaded into the threads of a test with NODE_OPTIONS=--import: writes down each module that is loaded there.
 *
 * @module
 */
import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { isMainThread } from "node:worker_threads";

const list = process.env["LOADED_MODULES"];

if (!isMainThread && list !== undefined) {
  registerHooks({
    load(url, context, next) {
      appendFileSync(list, `${url}\n`);
      return next(url, context);
    },
  });
}
