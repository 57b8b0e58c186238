/**
 * Goal: at rbee's own door a job is asked for in the name of who asks, whatever is asked of it.
 *
 * @see src/doors/rbee.ts, R3
 * @module
 */
import { expect, test } from "vitest";
import { type Asker, type NodeSeat, rbeeRoutes } from "../../../src/doors/rbee.ts";
import { RbeeError } from "../../../src/protocol/errors.ts";
import type { Call } from "../../../src/protocol/route.ts";

const CALLER = { requestId: "r1", key: "k7" };
const CALL: Call = {
  params: { id: "j1" },
  query: {},
  headers: {},
  body: undefined,
  local: false,
  caller: CALLER,
  signal: new AbortController().signal,
};

test("R3 every route of a job says who asks, and what is no job of theirs is not found", async () => {
  const askers: (Asker | undefined)[] = [];
  const noted = (asker: Asker | undefined): never => {
    askers.push(asker);
    throw new RbeeError("request.not.found", "there is no job j1");
  };
  const seat = new Proxy({} as NodeSeat, {
    get: (_, name) => (name === "read" ? (...asked: unknown[]) => noted(asked[3] as Asker) : askedOf),
  });
  const askedOf = async (_job: string, asker: Asker | undefined): Promise<never> => noted(asker);
  const ofJobs = rbeeRoutes(seat).filter(({ path }) => path.startsWith("/v2/tasks/:id"));
  expect(ofJobs.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /v2/tasks/:id",
    "GET /v2/tasks/:id/why",
    "GET /v2/tasks/:id/events",
    "DELETE /v2/tasks/:id",
  ]);
  for (const { handle } of ofJobs) {
    await expect((async () => handle(CALL))()).rejects.toMatchObject({ code: "request.not.found" });
  }
  expect(askers).toEqual(ofJobs.map(() => CALLER));
});
