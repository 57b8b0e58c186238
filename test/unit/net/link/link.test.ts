/**
 * What goes over a link, and how it ends: two machines on virtual time.
 */
import { describe, expect, test } from "vitest";
import { FRAME_BYTES_MAX, FrameWriter } from "../../../../src/net/link/frame.ts";
import { DIAL_MS, HANDSHAKE_MS } from "../../../../src/net/link/handshake.ts";
import { STALLED_MS } from "../../../../src/net/link/link.ts";
import { WAITING_BYTES_MAX } from "../../../../src/net/link/lanes.ts";
import { packSignal, readMessage } from "../../../../src/net/link/messages.ts";
import { Roster } from "../../../../src/net/link/roster.ts";
import { PING_MS } from "../../../../src/net/link/suspicion.ts";
import { WINDOW_BYTES } from "../../../../src/net/link/transit.ts";
import type { Frame } from "../../../../src/runtime/envelope.ts";
import { pack } from "../../../../src/runtime/journal.ts";
import { helloFrom, LinkNet } from "../../../support/link-net.ts";
import { LinkEnd, linkedHosts, mail, sendFrames } from "../../../support/link-stage.ts";

const codes = (end: LinkEnd): string[] => end.closed.map(({ code }) => code);

describe("what goes over a link", () => {
  test("hosts of the other side come and go as it says", () => {
    const { net, a, b } = linkedHosts();
    expect([...a.hosts]).toEqual([["there", 1]]);
    b.link.hostDown("there");
    b.link.hostUp("other", 7);
    net.run(20);
    expect([...a.hosts]).toEqual([["other", 7]]);
  });

  test("LK5 what is sent in one turn leaves in one frame, in order", () => {
    const { net, a, b } = linkedHosts();
    net.keeps = true;
    for (let n = 1; n <= 100; n += 1) sendFrames(a, [mail(n)]);
    net.run(5);
    expect(a.socket.sent).toHaveLength(1);
    expect(b.numbers).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  test("LK7 a quiet link sends a ping of the side that was dialled and an answer, and acknowledges with them", () => {
    const { net, a, b } = linkedHosts();
    sendFrames(a, [mail(1)]);
    net.run(PING_MS);
    const before = [a.socket.framesSent, b.socket.framesSent];
    net.keeps = true;
    net.run(STALLED_MS * 3);
    expect([a.socket.framesSent, b.socket.framesSent]).toEqual(
      before.map((frames) => frames + (STALLED_MS * 3) / PING_MS),
    );
    expect(a.socket.sent.length).toBe(b.socket.sent.length);
    expect([...codes(a), ...codes(b)]).toEqual([]);
  });

  test.each([3000, 3050])(
    "LK7 PN1 what the side that pings says every %i ms goes in the frame of a ping",
    (everyMs) => {
      const { net, a, b } = linkedHosts();
      net.run(700);
      const lease = (): void => {
        b.link.note("control", "lease");
        net.clock.after(everyMs, lease);
      };
      lease();
      net.run(everyMs * 2);
      const before = [a.socket.framesSent, b.socket.framesSent];
      net.run(everyMs * 20);
      expect([a.socket.framesSent, b.socket.framesSent]).toEqual(before.map((frames) => frames + 40));
      expect(a.notes.length).toBeGreaterThan(20);
    },
  );

  test("LK8 whose connection takes long to be there is greeted then, and has the whole time for it", () => {
    for (const [connectedMs, up] of [
      [DIAL_MS - 100, true],
      [DIAL_MS + 100, false],
    ] as const) {
      const net = new LinkNet();
      const [here, there] = [net.machine(), net.machine()];
      const [one, two] = net.pair(here, there);
      const a = new LinkEnd(here, one, { self: helloFrom("a"), role: "dialler" });
      net.run(connectedMs);
      const b = new LinkEnd(there, two, { self: helloFrom("b"), role: "acceptor" });
      net.run(HANDSHAKE_MS);
      expect([a.up !== undefined, b.up !== undefined]).toEqual([up, up]);
      expect(codes(a)).toEqual(up ? [] : ["link.handshake"]);
    }
  });

  test("LK8 who does not greet once the connection is there is given up", () => {
    const net = new LinkNet();
    const [here, there] = [net.machine(), net.machine()];
    const [one, two] = net.pair(here, there);
    const a = new LinkEnd(here, one, { self: helloFrom("a"), role: "dialler" });
    two.listen({ onOpen() {}, onText() {}, onBytes() {}, onClosed() {} });
    net.run(HANDSHAKE_MS - 100);
    expect(codes(a)).toEqual([]);
    net.run(200);
    expect(codes(a)).toEqual(["link.handshake"]);
  });

  test("RM6 control overtakes a large message that was sent before it", () => {
    const { net, a, b } = linkedHosts();
    sendFrames(a, [mail(1, { text: "x".repeat(900_000) })]);
    sendFrames(a, [mail(2, { text: "x".repeat(900_000) })]);
    sendFrames(a, [mail(3, { lane: "control" })]);
    net.run(1000);
    expect(b.numbers).toEqual([3, 1, 2]);
  });

  test("RO1 numbered frames reach the life that they were sent to, or nobody; a hint reaches whoever is there", () => {
    const { net, a, b } = linkedHosts();
    b.link.hostUp("there", 2);
    sendFrames(a, [mail(1), mail(0)], 1);
    net.run(20);
    expect(b.numbers).toEqual([0]);
    sendFrames(a, [mail(2), mail(0)], 1);
    sendFrames(a, [mail(3)], 2);
    net.run(20);
    expect(b.numbers).toEqual([0, 0, 3]);
  });

  test("RO1 what an earlier life has sent is not taken behind what a later one says", () => {
    const { net, a, b } = linkedHosts();
    sendFrames(a, [mail(1), mail(2, { text: "x".repeat(500_000) })]);
    a.link.hostUp("here", 2);
    net.run(1000);
    expect(b.hosts.get("here")).toBe(2);
    expect(b.numbers).toEqual([]);
  });

  test("RO3 nothing is heard of a host that is not there", () => {
    const { net, a, b } = linkedHosts();
    a.link.hostDown("here");
    sendFrames(a, [mail(0)]);
    net.run(20);
    expect(b.numbers).toEqual([]);
    const roster = new Roster();
    roster.ours.set("there", 1);
    const unknown = { kind: "mail", from: "here", fromLife: 1, to: "there", toLife: 1, frames: [mail(0)] } as const;
    expect(roster.incoming(unknown)).toEqual([]);
    roster.hostUp("here", 1);
    expect(roster.incoming(unknown)).toEqual([mail(0)]);
  });

  test("notes arrive as they were; of control before what was sent of data before them", () => {
    const { net, a, b } = linkedHosts();
    a.link.note("data", { credit: 3, bytes: Uint8Array.of(1, 2) });
    a.link.note("control", "first");
    net.run(20);
    expect(b.notes).toEqual(["first", { credit: 3, bytes: Buffer.of(1, 2) }]);
    expect(() => a.link.note("data", "x".repeat(2 ** 20))).toThrow("too large");
  });

  test("ME1 an ask, an answer, acks, gates and drops arrive as they were", () => {
    const frames: Frame[] = [
      mail(0),
      { kind: "ack", ns: [1, 2, 3] },
      { kind: "gate", to: "there/cell/1", n: 4, open: false },
      { kind: "answer", to: "there/cell/1", id: "i", result: { ok: true, event: { type: "done" } } },
      { kind: "answer", to: "there/cell/1", id: "j", result: { ok: false, error: { code: "defect", message: "m" } } },
      { kind: "drop", to: "there/cell/1", id: "k" },
    ];
    const { net, a, b } = linkedHosts();
    sendFrames(a, frames);
    net.run(20);
    expect(new Set(b.heard.map(({ frame }) => frame))).toEqual(new Set(frames));
  });

  test("ME1 a message of which any part is not what it should be is refused", () => {
    const right = {
      to: "there/cell/1",
      from: "here/cell/1",
      lane: "data",
      n: 1,
      label: "private",
      event: { type: "e" },
    };
    const run = {
      kind: "run",
      from: "here/cell/1",
      lane: "data",
      label: "private",
      first: 1,
      to: ["there/cell/1", "there/cell/2"],
      at: [0, 1],
      n: [0, 1],
      event: [{ type: "e" }, { type: "e" }],
    };
    const mailOf = (frame: unknown) => ({
      kind: "mail",
      from: "here",
      fromLife: 1,
      to: "there",
      toLife: 1,
      frames: [frame],
    });
    expect(readMessage(pack(mailOf({ kind: "mail", envelope: right })))).toMatchObject({ kind: "mail" });
    expect(readMessage(pack(mailOf(run)))).toMatchObject({ kind: "mail" });
    const wrong = [
      ...["to", "from", "lane", "n", "label", "event"].map((field) => ({
        kind: "mail",
        envelope: { ...right, [field]: 7.5 },
      })),
      ...["there", "there/cell", "/cell/1", "there//1", "there/cell/"].map((to) => ({
        kind: "mail",
        envelope: { ...right, to },
      })),
      { kind: "mail", envelope: { ...right, re: { id: "", from: "here/cell/1" } } },
      { kind: "ack", ns: [1, -1] },
      { kind: "gate", to: "there/cell/1", n: 1 },
      { kind: "answer", to: "there/cell/1", id: "i", result: { ok: true } },
      { kind: "drop", to: "there/cell/1" },
      ...["from", "lane", "label", "first", "to", "at", "n", "event"].map((field) => ({ ...run, [field]: 7.5 })),
      { ...run, to: ["there/cell/1"] },
      { ...run, at: [0] },
      { ...run, n: [0, -1] },
      { ...run, event: [{ type: "e" }, "e"] },
      { ...run, to: ["there/cell/1", "there"] },
      { kind: "news" },
      null,
    ].map(mailOf);
    for (const message of [...wrong, { kind: "up", host: "h" }, { kind: "ping", more: 1 }, {}]) {
      expect(() => readMessage(pack(message))).toThrow("cannot be read");
    }
  });

  test("ME3 an error that only a later version knows is a defect", () => {
    const { net, a, b } = linkedHosts();
    const error = JSON.parse('{"code":"worker.bored","message":"no work"}');
    sendFrames(a, [{ kind: "answer", to: "there/cell/1", id: "i", result: { ok: false, error } }]);
    net.run(20);
    expect(b.heard[0]?.frame).toMatchObject({
      result: { ok: false, error: { code: "defect", message: "worker.bored: no work" } },
    });
  });

  test("ME4 however much is sent at once, it arrives; a frame larger than the other side takes is refused", () => {
    const { net, a, b } = linkedHosts();
    const numbers = Array.from({ length: 30 }, (_, i) => i + 1);
    sendFrames(
      a,
      numbers.map((n) => mail(n, { text: "x".repeat(100_000) })),
    );
    net.run(1000);
    expect(b.numbers.splice(0)).toEqual(numbers);
    b.heard.length = 0;
    expect(() => sendFrames(a, [mail(1, { text: "x".repeat(2 ** 20) })])).toThrow("too large");
    sendFrames(a, [mail(2)]);
    net.run(20);
    expect(b.numbers).toEqual([2]);
  });
});

describe("the end of a link", () => {
  test("LK4 a goodbye carries its reason over; hosts are down first, and the end comes once", () => {
    const { net, a, b } = linkedHosts();
    a.link.close({ code: "terminated", message: "the node stops" });
    net.run(2000);
    expect(b.closed).toEqual([{ code: "terminated", message: "the node stops" }]);
    expect([a.closed.length, b.hosts.size, a.hosts.size]).toEqual([1, 0, 0]);
  });

  test("what was sent before a goodbye arrives before it", () => {
    const { net, a, b } = linkedHosts();
    sendFrames(a, [mail(1)]);
    a.link.close();
    net.run(100);
    expect(b.numbers).toEqual([1]);
  });

  test("a socket that breaks is seen at once", () => {
    const { net, a, b } = linkedHosts();
    a.socket.broken("reset");
    b.socket.broken("reset");
    net.run(1);
    expect([codes(a), codes(b)]).toEqual([["link.lost"], ["link.lost"]]);
  });

  test("LK3 a peer that takes nothing is cut, and no more than the windows was sent to it", () => {
    const { net, a, b } = linkedHosts();
    const before = a.socket.bytesSent;
    for (let n = 1; n <= 100; n += 1) sendFrames(a, [mail(n, { text: "x".repeat(100_000) })]);
    b.machine.stop();
    // It goes on pinging, and acknowledges nothing.
    const { framesSent } = b.socket;
    for (let pings = 1; pings <= 12 && a.closed.length === 0; pings += 1) {
      a.socket.hear(pingFrame(framesSent + pings));
      net.run(1000);
    }
    expect(codes(a)).toEqual(["link.stalled"]);
    expect(net.clock.monotonicMs()).toBeGreaterThan(STALLED_MS);
    expect(a.socket.bytesSent - before).toBeLessThanOrEqual(WINDOW_BYTES.control + FRAME_BYTES_MAX);
  });

  test("LK3 what waits for a peer is bounded: beyond it the link ends as full", () => {
    const { net, a, b } = linkedHosts();
    b.machine.stop();
    const text = "x".repeat(2 ** 20 - 1000);
    let sent = 0;
    while (a.closed.length === 0 && sent < WAITING_BYTES_MAX.data * 2) {
      sendFrames(a, [mail(1, { text })]);
      sent += text.length;
    }
    net.run(10);
    expect(codes(a)).toEqual(["link.full"]);
  });

  test("TR1 a frame that is sent again, or comes out of turn, ends the link and is not taken", () => {
    for (const replay of [0, 1]) {
      const { net, a, b } = linkedHosts();
      net.keeps = true;
      sendFrames(a, [mail(1)]);
      net.run(10);
      sendFrames(a, [mail(2)]);
      net.run(10);
      const again = a.socket.sent.filter((said) => typeof said !== "string")[replay];
      if (again !== undefined) b.socket.hear(again);
      net.run(10);
      expect([codes(b), b.numbers]).toEqual([["link.invalid"], [1, 2]]);
    }
  });

  test("TR2 an ack of what was never sent ends the link", () => {
    const net = new LinkNet();
    const [one] = net.pair(net.machine(), net.machine());
    const end = new LinkEnd(net.machine(), one, { self: helloFrom("a"), role: "dialler" });
    one.hear(JSON.stringify(helloFrom("b")));
    one.hear('{"word":"welcome"}');
    const frame = Buffer.alloc(12);
    frame.writeUIntBE(1, 0, 6);
    frame.writeUIntBE(9, 6, 6);
    one.hear(frame);
    net.run(10);
    expect(codes(end)).toEqual(["link.invalid"]);
  });
});

function pingFrame(number: number): Buffer {
  const frame = new FrameWriter();
  frame.add({ lane: "control", pipe: 0, more: false, end: false, bytes: packSignal({ kind: "ping" }) });
  return frame.finish(number, 0);
}
