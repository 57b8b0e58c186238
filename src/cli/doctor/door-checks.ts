/**
 * What the doctor examines of the doors: the queen's port, and where models come from. Nothing but loopback is asked.
 *
 * @module
 */
import { createServer } from "node:net";
import { HUB_DEFAULT } from "../../hosts/models/hub.ts";
import type { HostPort } from "../../runtime/config/settings.ts";
import { type Check, fail, ok, warn } from "./check.ts";

export const door: Check = {
  name: "port",
  async examine({ config, holder }) {
    if (config === undefined) return undefined;
    const { host, port, asked } = config.listen;
    const at = `${host}:${port}`;
    if (port === 0) return ok("any free port is taken");
    if (holder !== undefined && URL.parse(holder.url)?.port === String(port))
      return ok(`${at} is this home's own node`);
    const why = await refusalOf(config.listen);
    if (why === undefined) return ok(`${at} is free`);
    if (why !== "EADDRINUSE")
      return fail(`${at} cannot be listened at (${why})`, "Correct `listen` in the configuration.");
    const taken = `${at} is taken by another program`;
    if (asked) return fail(taken, "Stop that program, or choose another port: `rbee config set listen HOST:PORT`.");
    return warn(`${taken}; the next free port is used`, "See `rbee status` for the port, or set `listen`.");
  },
};

/** Undefined: it can be listened at. It is tried, which takes the port for an instant. */
function refusalOf({ host, port }: HostPort): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

export const hub: Check = {
  name: "hub",
  examine({ env }) {
    const named = env["HF_ENDPOINT"];
    if (!named) return ok(`models come from ${HUB_DEFAULT} (it was not asked)`);
    const url = URL.parse(named);
    if (url === null || !["http:", "https:"].includes(url.protocol))
      return fail(`HF_ENDPOINT is no URL: ${named}`, "Correct it, or leave it out.");
    return ok(`models come from ${url.origin}, as HF_ENDPOINT says (it was not asked)`);
  },
};
