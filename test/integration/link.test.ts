/**
 * Links between two real processes over real sockets.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { PIECES_BYTES_MAX } from "../../src/net/link/frame.ts";
import { dialWebSocket, socketOver } from "../../src/net/link/over-ws.ts";
import { WINDOW_BYTES } from "../../src/net/link/transit.ts";
import { waitUntil } from "../support/children.ts";
import type { LinkAsk, LinkReport } from "../support/link-program.ts";
import { RealSide } from "../support/link-real.ts";

const PROGRAM = fileURLToPath(new URL("../support/link-program.ts", import.meta.url));
const DEADLINE_MS = 60_000;

interface Pair {
  readonly child: ChildProcess;
  readonly near: RealSide;
  readonly url: string;
  /** The sockets that were dialled, the last one last. */
  readonly sockets: WebSocket[];
  report(): Promise<LinkReport>;
  tell(ask: LinkAsk): void;
}

/** A process that reads, and this one linked with it. */
async function linkedProcesses(): Promise<Pair> {
  const child = fork(PROGRAM, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const heard = async (): Promise<LinkReport> => (await once(child, "message"))[0] as LinkReport;
  const { port } = await heard();
  const sockets: WebSocket[] = [];
  const near = new RealSide("here", (address) => {
    const ws = dialWebSocket(address);
    sockets.push(ws);
    return socketOver(ws);
  });
  onTestFinished(() => near.keeper.close());
  const url = `ws://127.0.0.1:${port}`;
  near.keeper.want("there", url);
  const tell = (ask: LinkAsk): void => void child.send(ask);
  const report = (): Promise<LinkReport> => {
    const next = heard();
    tell({ ask: "report" });
    return next;
  };
  await waitUntil(() => near.host.lifeOf("there") > 0, DEADLINE_MS);
  return { child, near, url, sockets, report, tell };
}

const allFolded = ({ near, report }: Pair, count: number): Promise<number> =>
  waitUntil(async () => near.host.core.outbox.size === 0 && (await report()).last >= count, DEADLINE_MS);

describe("a link between two processes", () => {
  test("RM1 every message is folded once and in order, though the connection is cut again and again", async () => {
    const pair = await linkedProcesses();
    for (let round = 0; round < 8; round += 1) {
      pair.near.write(500, 200);
      pair.sockets.at(-1)?.terminate();
      await waitUntil(() => pair.near.host.lifeOf("there") > 0, DEADLINE_MS);
    }
    await allFolded(pair, 4000);
    expect(await pair.report()).toMatchObject({ last: 4000, wrong: [] });
    expect(pair.near.news.filter((each) => each === "link.lost").length).toBeGreaterThan(0);
  });

  test("LK3 a reader that is stopped is cut, little is held for it, and afterwards it folds all of it in order", async () => {
    const pair = await linkedProcesses();
    pair.child.kill("SIGSTOP");
    pair.near.write(2000, 20_000);
    let mostBuffered = 0;
    await waitUntil(() => {
      mostBuffered = Math.max(mostBuffered, pair.sockets[0]?.bufferedAmount ?? 0);
      return pair.near.news.includes("link.silent");
    }, DEADLINE_MS);
    expect(mostBuffered).toBeLessThanOrEqual(WINDOW_BYTES.control + PIECES_BYTES_MAX);
    pair.child.kill("SIGCONT");
    await allFolded(pair, 2000);
    expect(await pair.report()).toMatchObject({ last: 2000, wrong: [] });
  });

  test("a reader that is slow, and goes on reading, is never cut", async () => {
    const pair = await linkedProcesses();
    pair.tell({ ask: "slow", blockMs: 100 });
    pair.near.write(3000, 5000);
    await allFolded(pair, 3000);
    const { last, wrong, news } = await pair.report();
    expect({ last, wrong }).toEqual({ last: 3000, wrong: [] });
    for (const code of ["link.stalled", "link.full"]) expect([...news, ...pair.near.news]).not.toContain(code);
  });

  test("RM9 garbage, over the socket or below it, ends its own connection and disturbs no other", async () => {
    const pair = await linkedProcesses();
    for (const garbage of ["hello", "{}", Buffer.alloc(100, 0xff), Buffer.alloc(200_000), "x".repeat(60_000)]) {
      const stranger = new WebSocket(pair.url);
      await once(stranger, "open");
      stranger.send(garbage);
      stranger.on("error", () => {});
      await once(stranger, "close");
    }
    const { port } = new URL(pair.url);
    const raw = connect(Number(port), "127.0.0.1");
    raw.end("\0\u00ff GET nonsense\r\n\r\n");
    raw.resume();
    await once(raw, "close");
    pair.near.write(100, 10);
    await allFolded(pair, 100);
    const { last, wrong, news } = await pair.report();
    expect({ last, wrong }).toEqual({ last: 100, wrong: [] });
    expect([...news, ...pair.near.news]).not.toContain("link.invalid");
  });

  test("a process that is killed is seen as the end of its connection, without waiting for silence", async () => {
    const pair = await linkedProcesses();
    pair.child.kill("SIGKILL");
    await waitUntil(() => pair.near.news.includes("link.lost"), DEADLINE_MS);
    expect(pair.near.host.lifeOf("there")).toBe(0);
  });
});
