/**
 * Goal: a door begins with what it uses. Method: a real server, and a list of what Node loads for it.
 * Cites S11 of src/net/serve.ts.
 */
import { registerHooks } from "node:module";
import { expect, test } from "vitest";
import type { createServer as CreateServer } from "../../../src/net/serve.ts";

test("S11 a door loads no compiler of schemas", async () => {
  const packages = new Set<string | undefined>();
  registerHooks({
    load(url, context, next) {
      packages.add(/\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]);
      return next(url, context);
    },
  });
  const { createServer }: { createServer: typeof CreateServer } = await import("../../../src/net/serve.ts");
  const route = { method: "GET", path: "/", handle: () => ({ status: 200, json: "served" }) } as const;
  const server = await createServer({ listen: [], routes: [route], hosts: [], origins: [], bodyBytesMax: 100 });
  await server.close(0);
  expect(packages).toContain("fastify");
  for (const name of ["ajv", "@fastify/ajv-compiler", "@fastify/fast-json-stringify-compiler"])
    expect(packages).not.toContain(name);
});
