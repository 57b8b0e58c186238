/**
 * A model hub on loopback: the real one's paths and headers over files of a test, and everything that can go wrong.
 *
 * Owns: what was asked of it, byte for byte. Nothing of it outlives its test.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** What goes wrong with one request for bytes; the next one is served well unless it has a fault of its own. */
export type Fault =
  /** The connection ends after so many bytes of the body. */
  | { readonly cutAfter: number }
  /** Nothing more comes after so many bytes, and the connection stays. */
  | { readonly stallAfter: number }
  | { readonly status: number; readonly retryAfterS?: number }
  /** All of the file, whatever was asked for. */
  | { readonly ignoresRange: true }
  /** Another length than the file has. */
  | { readonly length: number }
  /** Another part than was asked for. */
  | { readonly shiftsRange: number }
  | { readonly redirectTo: string };

export interface Served {
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
  /** From where, and how many, as they were written. */
  readonly from: number;
  bytes: number;
}

export class TestHub {
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  /** `OWNER/REPO` -> path -> bytes. */
  readonly repos = new Map<string, Map<string, Buffer>>();
  /** For the next requests for bytes, in order. */
  readonly faults: Fault[] = [];
  /** For every request for a list, until it is taken away. */
  listFault: Fault | undefined;
  /** Lists another hash than the bytes have. */
  liesAboutHash = false;
  /** 0: as fast as it goes. It holds from the next piece on, also of what is on its way. */
  bytesPerSecond = 0;
  readonly served: Served[] = [];
  readonly lists: string[] = [];

  /** @param lastly who ends it, where that is not the test it was started in */
  async start(lastly: (end: () => void) => void = onTestFinished): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    lastly(() => {
      this.#server.closeAllConnections();
      this.#server.close();
    });
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get env(): Readonly<Record<string, string>> {
    return { HF_ENDPOINT: this.url };
  }

  put(repo: string, path: string, bytes: Buffer): void {
    const files = this.repos.get(repo) ?? new Map<string, Buffer>();
    files.set(path, bytes);
    this.repos.set(repo, files);
  }

  /** Bytes of bodies that went out. */
  get bytesServed(): number {
    return this.served.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Down, as seen by who connects. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://hub");
    const [, repo = "", rest = ""] = /^\/(?:api\/models\/)?([^/]+\/[^/]+)\/(.*)$/.exec(pathname) ?? [];
    const files = this.repos.get(repo);
    if (pathname.startsWith("/api/models/")) return this.#list(pathname, files, response);
    const path = decodeURIComponent(rest.replace(/^resolve\/main\//, ""));
    return this.#file(request, response, path, files?.get(path));
  }

  #list(pathname: string, files: Map<string, Buffer> | undefined, response: ServerResponse): void {
    this.lists.push(pathname);
    if (this.listFault !== undefined && "status" in this.listFault) return refuse(response, this.listFault);
    if (files === undefined) return refuse(response, { status: 404 });
    const tree = [...files].map(([path, bytes]) => {
      const oid = this.liesAboutHash ? "0".repeat(64) : sha256Of(bytes);
      return {
        type: "file",
        oid: "0".repeat(40),
        size: bytes.length,
        path,
        lfs: { oid, size: bytes.length, pointerSize: 134 },
      };
    });
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify([{ type: "directory", oid: "0".repeat(40), size: 0, path: "folder" }, ...tree]));
  }

  async #file(request: IncomingMessage, response: ServerResponse, path: string, bytes: Buffer | undefined) {
    const fault = this.faults.shift();
    const { range, authorization } = request.headers;
    const served: Served = { path, range, authorization, from: this.#from(request, bytes, fault), bytes: 0 };
    this.served.push(served);
    if (fault !== undefined && "status" in fault) return refuse(response, fault);
    if (fault !== undefined && "redirectTo" in fault) {
      response.writeHead(302, { location: fault.redirectTo });
      return void response.end();
    }
    if (bytes === undefined) return refuse(response, { status: 404 });
    if (served.from > 0 && served.from >= bytes.length) return refuse(response, { status: 416 });
    const [, last] = /-(\d+)$/.exec(range ?? "") ?? [];
    const isPart = range !== undefined && !(fault !== undefined && "ignoresRange" in fault) && isSame(request, bytes);
    const body = bytes.subarray(served.from, isPart && last !== undefined ? Number(last) + 1 : undefined);
    const total = fault !== undefined && "length" in fault ? fault.length : bytes.length;
    const shift = fault !== undefined && "shiftsRange" in fault ? fault.shiftsRange : 0;
    response.writeHead(isPart ? 206 : 200, {
      etag: etagOf(bytes),
      ...(isPart ? { "content-range": `bytes ${served.from + shift}-${served.from + body.length - 1}/${total}` } : {}),
      ...(isPart || total === bytes.length ? { "content-length": body.length } : { "content-length": total }),
    });
    await this.#send(response, body, fault, served);
  }

  #from(request: IncomingMessage, bytes: Buffer | undefined, fault: Fault | undefined): number {
    const [, from = "0"] = /^bytes=(\d+)-/.exec(request.headers.range ?? "") ?? [];
    const isPart = bytes !== undefined && isSame(request, bytes) && !(fault !== undefined && "ignoresRange" in fault);
    return isPart ? Number(from) : 0;
  }

  async #send(response: ServerResponse, body: Buffer, fault: Fault | undefined, served: Served): Promise<void> {
    const cut = fault !== undefined && "cutAfter" in fault ? fault.cutAfter : undefined;
    const stall = fault !== undefined && "stallAfter" in fault ? fault.stallAfter : undefined;
    const end = Math.min(body.length, cut ?? stall ?? body.length);
    for (let at = 0; at < end && !response.destroyed;) {
      const step = this.bytesPerSecond > 0 ? Math.max(1, Math.floor(this.bytesPerSecond / 50)) : 64 * 1024;
      const piece = body.subarray(at, Math.min(at + step, end));
      if (!response.write(piece)) await drainOrClose(response);
      at += piece.length;
      served.bytes += piece.length;
      if (this.bytesPerSecond > 0) await pause(20);
    }
    if (stall !== undefined && stall < body.length) return;
    // The connection ends behind what was written; a reset would take what the other side has not read yet.
    if (cut !== undefined && cut < body.length) response.socket?.end();
    else response.end();
  }
}

export const startHub = (): Promise<TestHub> => new TestHub().start();

async function drainOrClose(response: ServerResponse): Promise<void> {
  const either = new AbortController();
  const { signal } = either;
  await Promise.race([once(response, "drain", { signal }), once(response, "close", { signal })]);
  either.abort();
}

export const sha256Of = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

const etagOf = (bytes: Buffer): string => `"${sha256Of(bytes).slice(0, 32)}"`;

const isSame = (request: IncomingMessage, bytes: Buffer): boolean => {
  const wanted = request.headers["if-range"];
  return wanted === undefined || wanted === etagOf(bytes);
};

function refuse(response: ServerResponse, fault: Extract<Fault, { status: number }>): void {
  response.writeHead(fault.status, fault.retryAfterS === undefined ? {} : { "retry-after": String(fault.retryAfterS) });
  response.end("no");
}
