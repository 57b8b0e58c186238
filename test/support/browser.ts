/**
 * A real browser on a page of somebody: Debian's Chromium without a screen, and the server that the page comes from.
 *
 * Names of `.example` mean this machine in it. Nothing of it outlives its test, and it asks nobody else on the network.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer as createTcp, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { killIfThere } from "./children.ts";
import { temporaryFolder } from "./temporary.ts";

const REPORT_WITHIN_MS = 120_000;
const QUIET = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-default-browser-check"],
  ...["--disable-crash-reporter", "--disable-domain-reliability"],
  // A browser's own wall around this machine would hide what the doors do.
  "--disable-features=LocalNetworkAccessChecks",
  "--host-resolver-rules=MAP *.example 127.0.0.1, EXCLUDE 127.0.0.1, MAP * ~NOTFOUND",
];

/** @returns its port; it is closed when the test ends */
export async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  server.on("connection", (socket) => onTestFinished(() => void socket.destroy()));
  return (server.address() as AddressInfo).port;
}

/** Serves one page, and hears its one report. */
export class PageServer {
  readonly #reported = Promise.withResolvers<unknown>();
  readonly #flips: (() => void)[] = [];
  readonly #server = createServer((request, response) => {
    // A page that is rebound must connect anew.
    response.setHeader("connection", "close");
    if (request.url === "/report") return void this.#hear(request).then(() => response.end());
    if (request.url === "/flip") for (const flip of this.#flips) flip();
    response.setHeader("content-type", "text/html; charset=utf-8");
    return void response.end(
      `<!doctype html><meta charset="utf-8"><body><script type="module">${this.script}</script>`,
    );
  });
  script = "";

  open(): Promise<number> {
    return listening(this.#server);
  }

  /** Called when the page asks for it. */
  onFlip(flip: () => void): void {
    this.#flips.push(flip);
  }

  /** Loads the page under this address, and waits for what it says with `report(...)`. */
  async visit(url: string): Promise<unknown> {
    const profile = temporaryFolder();
    const browser = spawn("chromium", [...QUIET, `--user-data-dir=${profile}`, url], {
      detached: true,
      stdio: "ignore",
      env: { ...process.env, HOME: profile },
    });
    const ended = once(browser, "exit");
    const end = async (): Promise<void> => {
      if (browser.pid !== undefined) killIfThere(-browser.pid);
      await ended;
    };
    onTestFinished(end);
    const late = setTimeout(() => this.#reported.reject(new Error("the page did not report")), REPORT_WITHIN_MS);
    try {
      return await this.#reported.promise;
    } finally {
      clearTimeout(late);
      await end();
    }
  }

  async #hear(request: IncomingMessage): Promise<void> {
    this.#reported.resolve(JSON.parse(await text(request)));
  }
}

/** A name whose address changes: what comes in goes to the first port, and after `flip` to the second. */
export async function rebinding(first: number, second: number): Promise<{ readonly port: number; flip(): void }> {
  let to = first;
  const server = createTcp((socket) => {
    const onward = connect(to, "127.0.0.1");
    for (const end of [socket, onward]) {
      end.on("error", () => {
        socket.destroy();
        onward.destroy();
      });
    }
    socket.pipe(onward).pipe(socket);
  });
  return { port: await listening(server), flip: () => void (to = second) };
}
