/**
 * Goal: on a machine that has joined, everything that asks a queen works as on hers.
 * Method: two real nodes; the keeper in the member's home, with its node and without; HTTP at the member's door.
 *
 * @see src/hosts/member-node.ts, MN5; src/net/forward.ts, FW1 FW2 FW4; src/cli/session/attach.ts, A5;
 *   src/net/guard.ts, D9; src/actors/queen/keys.ts, AK4
 */
import { expect, test } from "vitest";
import { ask, post } from "../support/http.ts";
import { keeper } from "../support/keeper.ts";
import { refusalIn } from "../support/node-harness.ts";
import { waitUntil } from "../support/children.ts";
import { EVERYWHERE, twoMachines } from "../support/two-machines.ts";

const WITHIN_MS = 60_000;
/** Several nodes come up, one after the other. */
const LONG_MS = 240_000;

test(
  "MN5 FW1 D9 what is asked on a machine that has joined is asked of the queen, in that machine's name",
  async () => {
    const { queen, beta, home } = await twoMachines({ queen: { args: EVERYWHERE } });
    const told = async (...args: readonly string[]): Promise<string> => {
      const run = keeper(args, { home });
      expect([args, await run.exitCode, run.stderr]).toEqual([args, 0, ""]);
      return run.stdout;
    };
    expect(await told("status")).toContain("alpha");
    const line = (await told("infer", "--prompt", "what is a hive?", "--max-tokens", "8", "--json")).trim().split("\n");
    expect(JSON.parse(line.at(-1) ?? "")).toMatchObject({ type: "done" });
    expect(await told("worker", "list")).toContain("starter");
    expect(await told("model", "list")).toContain("starter");
    expect(await told("hive", "status")).toContain("hive beta");

    const port = Number(new URL(beta.ready.door ?? "").port);
    const messages = [{ role: "user", content: "what is a hive?" }];
    const said = await post(port, "/v1/chat/completions", { model: "starter", messages, max_tokens: 8, stream: true });
    expect([said.status, said.text.endsWith("data: [DONE]\n\n")]).toEqual([200, true]);
    expect((await ask({ port, path: "/api/ps" })).json()).toMatchObject({ models: [{ name: "starter:latest" }] });
    // A page that has rebound its name, and what only the queen's own machine may.
    expect((await ask({ port, path: "/health", headers: { host: "evil.example" } })).status).toBe(403);
    for (const path of ["/v2/tokens", "/v2/keys"])
      expect([path, (await ask({ port, path })).status]).toEqual([path, 403]);
    const others = await queen.submit({ capability: "text", prompt: "a hive", max_tokens: 4 });
    expect((await beta.call("GET", `/v2/tasks/${others.job_id}`)).status).toBe(404);
    expect((await queen.call("GET", `/v2/tasks/${others.job_id}`)).status).toBe(200);
  },
  LONG_MS,
);

test(
  "FW2 A5 while the queen is not there who asks is told so at once, and when to come back",
  async () => {
    const { queen, beta, home } = await twoMachines();
    const port = Number(new URL(beta.ready.door ?? "").port);
    const waiting = ask({ port, path: "/v1/models/download/progress" }).catch((thrown: unknown) => thrown);
    await queen.kill();
    await waiting;
    await waitUntil(async () => (await ask({ port, path: "/health" })).status === 503, WITHIN_MS);
    const reply = await ask({ port, path: "/v1/models" });
    expect([refusalIn(reply).code, reply.headers["retry-after"]]).toEqual(["queen.unreachable", "1"]);
    const status = keeper(["status"], { home });
    expect([await status.exitCode, status.stderr]).toEqual([3, expect.stringContaining("queen.unreachable")]);
    await beta.stop();
    const alone = keeper(["status"], { home });
    expect([await alone.exitCode, alone.stderr]).toEqual([3, expect.stringContaining("no queen answers at https://")]);
  },
  LONG_MS,
);
