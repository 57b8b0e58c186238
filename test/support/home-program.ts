/**
 * Tries to hold the home given and says so in one line of JSON. With `wait` it looks for the holder instead of giving
 * up; with `serve` it announces itself. Stays until it is killed.
 *
 * @module
 */
import { holdHome, holdOrFind } from "../../src/hosts/real/home-lock.ts";
import { errorData } from "../../src/protocol/errors.ts";

const [home = "", ...wishes] = process.argv.slice(2);
const serving = { socketPath: `/the/socket/of/${process.pid}`, url: "http://127.0.0.1:1" };

async function attempt(): Promise<object> {
  if (!wishes.includes("wait")) {
    const lock = holdHome(home);
    if (wishes.includes("serve")) lock.announce(serving);
    return { held: true };
  }
  const outcome = await holdOrFind(home, 5_000);
  if ("holder" in outcome) return outcome;
  outcome.lock.announce(serving);
  return { held: true };
}

process.stdout.write(`${JSON.stringify(await attempt().catch(errorData))}\n`);
setInterval(() => {}, 1_000);
