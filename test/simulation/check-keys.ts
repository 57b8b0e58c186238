/**
 * What the queen has counted for each API key, against the jobs that came with it.
 *
 *  N6 Each job counts as one request, and what it took counts once, whatever broke meanwhile.
 *
 * @module
 */
import { apiKeys, jobs } from "../../src/actors/queen/tables.ts";
import type { Host } from "../../src/runtime/host.ts";
import type { Verdict } from "./verdict.ts";

/** Only while no row of a job has been forgotten: what it took stands nowhere else. */
export function lookAtKeys(host: Host, verdict: Verdict): void {
  const rows = [...host.core.tables.rows(jobs).entries()].map(([, row]) => row);
  for (const [id, { total }] of host.core.tables.rows(apiKeys).entries()) {
    const own = rows.filter(({ caller }) => caller?.key === id);
    const read = own.reduce((sum, { usage }) => sum + (usage?.promptTokens ?? 0), 0);
    const said = own.reduce((sum, { usage }) => sum + (usage?.completionTokens ?? 0), 0);
    if (total.requests !== own.length) verdict.fail("N6", `${total.requests} requests are counted of ${own.length}`);
    if (total.tokensIn !== read) verdict.fail("N6", `${total.tokensIn} tokens are counted of ${read} that were read`);
    // Of jobs that were cut, what they had said is counted beside it.
    if (total.tokensOut < said) verdict.fail("N6", `${total.tokensOut} tokens are counted of ${said} that were said`);
    if (own.some(({ state }) => state === "done")) verdict.sometimes("key.counted");
  }
}
