/**
 * Questions to a host that may be starting again: they wait for it.
 *
 *  E1 Only for questions that may be put twice; what would be done twice is refused instead.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { RbeeError } from "../../protocol/errors.ts";

const PATIENCE_MS = 30_000;
const RESTART_POLL_MS = 50;

export async function patiently<Answer>(question: () => Promise<Answer>): Promise<Answer> {
  const giveUpMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await question();
    } catch (thrown) {
      const restarting = thrown instanceof RbeeError && thrown.code === "host.restarted";
      if (!restarting || performance.now() > giveUpMs) throw thrown;
    }
    await pause(RESTART_POLL_MS);
  }
}
