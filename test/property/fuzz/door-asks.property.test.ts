/**
 * Goal: D1 of door-asks.ts: a request that cannot be sent on fails at once, and nothing of it stays behind, be it a
 *       place among those that wait or a timer that would fail nobody's promise later.
 * Method: a line that throws at requests drawn at random, over many more of them than may wait.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { address } from "../../../machines/words.ts";
import { DoorAsks } from "../../../src/hosts/porter/door-asks.ts";
import { errorData } from "../../../src/protocol/errors.ts";

const SEED = process.env["RBEE_SEED"];
const QUEEN = address("queen", "queen", "main");
const REQUESTS = 12_000;
const DEADLINE_MS = 60_000;

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

test(`D1 what cannot be sent fails at once and is forgotten, however often that happens (seed ${SEED})`, async () => {
  const before = timers();
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.boolean()), async (coins) => {
      const sent: string[] = [];
      let throws = false;
      const asks = new DoorAsks(address("porter", "door", "main"), (_to, [frame]) => {
        if (throws) throw new RangeError("Maximum call stack size exceeded");
        if (frame?.kind === "mail" && frame.envelope.re !== undefined) sent.push(frame.envelope.re.id);
      });
      for (let made = 0; made < REQUESTS; made += 1) {
        throws = coins.next().value === true;
        const outcome = asks.ask(QUEEN, { type: "status" }, DEADLINE_MS).then(
          () => "answered",
          (thrown: unknown) => errorData(thrown).message,
        );
        if (!throws) asks.answered(sent.pop() ?? "", { ok: true, event: { type: "status" } });
        expect(await outcome).toBe(throws ? "Maximum call stack size exceeded" : "answered");
      }
    }),
    { numRuns: 1 },
  );
  expect(timers() - before, "timers left").toBeLessThan(10);
});
