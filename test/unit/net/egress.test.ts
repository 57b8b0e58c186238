/**
 * Goal: a request to a stranger ends in bounded time and memory, leads where it may, and tells nothing of this machine.
 * Method: servers on loopback that misbehave. That a token goes to its own origin alone is held in fetcher.test.ts.
 *
 * @see src/net/egress.ts, EG1 to EG8; machines/rules/label.ts, LB1
 * @module
 */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer as createBareServer, type Server } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { LABELS } from "../../../machines/rules/label.ts";
import { type Outbound, request, smallText } from "../../../src/net/egress.ts";
import { authorityFor, certified } from "../../support/authority.ts";

async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${await portOf(server)}/a`);
}

/** Where somebody was, and nobody is. */
async function vacated(host: string): Promise<URL> {
  const server = createBareServer();
  const port = await portOf(server);
  server.close();
  await once(server, "close");
  return new URL(`http://${host}:${port}/`);
}

const asked = (url: URL, given: Partial<Outbound> = {}): Outbound => ({
  url,
  headMs: 30_000,
  silentMs: 30_000,
  signal: new AbortController().signal,
  ...given,
});

/** A body of which one piece was read, and that is said to be whole. */
async function openBody(url: URL): Promise<{ readonly body: AsyncGenerator<Uint8Array> }> {
  const answer = await request(asked(url));
  const body = answer.body();
  await body.next();
  answer.whole();
  return { body };
}

describe("a request to a stranger", () => {
  test.each<[string, RequestListener]>([
    ["whose head never comes", () => {}],
    ["whose body falls silent", (_request, response) => void response.writeHead(200).write("begun")],
  ])("EG2 %s ends as silent", async (_name, listener) => {
    const url = await serve(listener);
    const answered = request(asked(url, { headMs: 100, silentMs: 100 })).then((answer) => smallText(answer, 100));
    await expect(answered).rejects.toMatchObject({ kind: "silent" });
  });

  test.each(["127.0.0.1", "localhost"])("EG8 is unreachable where nobody listens, at %s", async (host) => {
    await expect(request(asked(await vacated(host)))).rejects.toMatchObject({ kind: "unreachable" });
  });

  test("EG8 is unreachable where no port may be asked", async () => {
    await expect(request(asked(new URL("http://127.0.0.1:1/")))).rejects.toMatchObject({ kind: "unreachable" });
  });

  test("EG8 is unreachable where a stranger's certificate is shown, and not a byte of it is read", async () => {
    let heard = 0;
    const { key, certificate } = await certified(await authorityFor());
    const server = createSecureServer({ key, cert: certificate }, () => (heard += 1));
    onTestFinished(() => void server.close());
    const url = new URL(`https://127.0.0.1:${await portOf(server)}/`);
    await expect(request(asked(url))).rejects.toMatchObject({ kind: "unreachable" });
    expect(heard).toBe(0);
  });

  test("EG8 is broken where its connection ends before an answer: nobody knows what came of it", async () => {
    const server = createBareServer((socket) => void socket.once("data", () => socket.destroy()));
    onTestFinished(() => void server.close());
    const url = new URL(`http://127.0.0.1:${await portOf(server)}/`);
    await expect(request(asked(url))).rejects.toMatchObject({ kind: "broken" });
  });

  test("EG8 is broken where its answer breaks off", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { "content-length": "100" }).write("begun", () => response.destroy());
    });
    await expect(request(asked(url)).then((answer) => smallText(answer, 100))).rejects.toMatchObject({
      kind: "broken",
    });
  });

  test("EG8 is broken where a connection that was used before ends under it", async () => {
    let asks = 0;
    const url = await serve((incoming, response) => void ((asks += 1) > 1 ? incoming.destroy() : response.end("one")));
    expect(await request(asked(url)).then((answer) => smallText(answer, 10))).toBe("one");
    await expect(request(asked(url))).rejects.toMatchObject({ kind: "broken" });
  });

  test("EG3 whose answer is larger than the bound is left", async () => {
    const url = await serve((_request, response) => void response.end("x".repeat(101)));
    await expect(request(asked(url)).then((answer) => smallText(answer, 100))).rejects.toMatchObject({
      kind: "astray",
    });
    expect(await request(asked(url)).then((answer) => smallText(answer, 101))).toHaveLength(101);
  });

  test("EG4 tells the program's name and nothing of this machine", async () => {
    let headers: IncomingHttpHeaders = {};
    const url = await serve((got, response) => {
      headers = got.headers;
      response.end();
    });
    await (await request(asked(url, { bearer: { origin: "http://elsewhere", token: "t" } }))).discard();
    expect(headers["user-agent"]).toMatch(/^rbee\/\d/);
    expect(Object.keys(headers).toSorted()).toEqual([
      "accept",
      "accept-encoding",
      "accept-language",
      "connection",
      "host",
      "sec-fetch-mode",
      "user-agent",
    ]);
  });

  test.each(["ftp://127.0.0.1/x", "http://user:word@127.0.0.1/x", "http://[broken"])(
    "EG1 is not followed to %s",
    async (location) => {
      const url = await serve((_request, response) => void response.writeHead(302, { location }).end());
      await expect(request(asked(url))).rejects.toMatchObject({ kind: "astray" });
    },
  );

  test("EG7 leaves a connection open whose answer was whole, to be used again when its end has come", async () => {
    let gone = 0;
    const answers: ServerResponse[] = [];
    const url = await serve((_request, response) => {
      response.socket?.once("close", () => (gone += 1));
      response.writeHead(200).write("all");
      answers.push(response);
    });
    await (await openBody(url)).body.return(undefined);
    const other = await request(asked(url));
    for (const answer of answers) answer.end();
    expect(await smallText(other, 10)).toBe("all");
    expect(gone).toBe(0);
  });

  test("EG7 cuts what goes on behind an answer that was said to be whole", async () => {
    const cut = Promise.withResolvers<void>();
    const url = await serve((_request, response) => {
      const more = setInterval(() => response.write("x".repeat(1_000)), 1);
      response.once("close", () => cut.resolve(clearInterval(more)));
    });
    await (await openBody(url)).body.return(undefined);
    await expect(cut.promise).resolves.toBeUndefined();
  });

  test("is left when nobody wants it any more", async () => {
    const url = await serve(() => {});
    const left = new AbortController();
    const answered = request(asked(url, { signal: left.signal, headMs: 10_000 }));
    left.abort(new Error("enough"));
    await expect(answered).rejects.toThrow("enough");
  });
});

describe("something of ours that is said", () => {
  const says = { body: `{"a":1}`, label: "private", upTo: "private" } as const;

  test("goes by POST, as JSON, and its answer comes as it is", async () => {
    const heard: string[] = [];
    const url = await serve((incoming, response) => {
      heard.push(`${incoming.method} ${incoming.headers["content-type"]}`);
      incoming.pipe(response);
    });
    expect(await request(asked(url, { says })).then((answer) => smallText(answer, 100))).toBe(says.body);
    expect(heard).toEqual(["POST application/json"]);
  });

  test.each([301, 302, 307, 308])("EG5 goes nowhere else, whatever a redirect of %i says", async (status) => {
    let heard = 0;
    const other = await serve((_request, response) => {
      heard += 1;
      response.end();
    });
    const url = await serve((_request, response) => {
      response.writeHead(status, { location: other.href }).end();
    });
    await expect(request(asked(url, { says }))).rejects.toMatchObject({ kind: "astray" });
    expect(heard).toBe(0);
  });

  test("EG6 LB1 leaves only where its label may go (RJ8)", async () => {
    const heard: string[] = [];
    const url = await serve((incoming, response) => {
      incoming.setEncoding("utf8").on("data", (text: string) => heard.push(text));
      incoming.on("end", () => response.end());
    });
    for (const [at, label] of LABELS.entries()) {
      for (const [limit, upTo] of LABELS.entries()) {
        const body = JSON.stringify([label, upTo]);
        const said = request(asked(url, { says: { body, label, upTo } })).then((answer) => smallText(answer, 100));
        if (at <= limit) await said;
        else await expect(said).rejects.toMatchObject({ code: "privacy.refused" });
        expect(heard.includes(body)).toBe(at <= limit);
      }
    }
  });
});
