/**
 * Whether the engine is there and runs on this machine, asked in processes of their own: a driver that crashes or hangs
 * takes only itself along.
 *
 * @module
 */
import { type Backend, detect, likelyKinds } from "../../hosts/machine/devices.ts";
import { childEnvironment } from "../../hosts/real/child-environment.ts";
import { ERRORS } from "../../protocol/errors.ts";
import { sizeText } from "../../runtime/config/units.ts";
import { type Check, fail, type Finding, ok, warn } from "./check.ts";

/** Less than the whole check may take. */
const PATIENCE_MS = 30_000;

export const engine: Check = {
  name: "engine",
  async examine({ config }) {
    const gpus = config?.worker.gpu === "none" ? [] : likelyKinds();
    return engineFinding(await detect(childEnvironment(), { kinds: ["cpu", ...gpus], patienceMs: PATIENCE_MS }));
  },
};

export function engineFinding(backends: readonly Backend[]): Finding {
  const silent = backends.filter(({ usable }) => !usable);
  const why = silent.map((backend) => `${backend.kind}: ${backend.why}`).join("; ");
  const usable = backends
    .filter((backend) => backend.usable)
    .map(named)
    .join("; ");
  if (usable === "") return fail(`no model can run: ${why}`, ERRORS["engine.missing"].advice);
  if (silent.length === 0) return ok(`models run on ${usable}`);
  return warn(`models run on ${usable}; not on ${why}`, "Check the driver: `rbee hive detect` says more.");
}

const named = ({ kind, cards }: Backend): string =>
  [kind, ...cards.map((card) => `${card.name} with ${sizeText(card.totalBytes)}`)].join(", ");
