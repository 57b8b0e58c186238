/**
 * A child that does what its first argument says: the program behind the tests of real processes.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { writeSync } from "node:fs";
import { CHANNEL_FD, openChannel } from "../../src/net/channel.ts";
import type { Channel } from "../../src/net/channel.ts";

const [behaviour, argument = ""] = process.argv.slice(2);

/** Says that it runs, then sends back what it gets. */
function echo(): Channel {
  const channel: Channel = openChannel(CHANNEL_FD, {
    onFrame: (bytes) => void channel.send(bytes),
    onClosed: () => {},
  });
  channel.send(Buffer.from("ready"));
  return channel;
}

function blockForEver(): void {
  for (;;);
}

/** As fast as the channel takes them, then one empty frame. */
function flood(count: number): void {
  const frame = Buffer.alloc(64, 1);
  let sent = 0;
  const go = (): void => {
    while (sent < count && channel.send(frame) === "sent") sent += 1;
    if (sent === count) channel.send(Buffer.alloc(0));
  };
  const channel = openChannel(CHANNEL_FD, { onFrame: () => {}, onClosed: () => {}, onDrain: go });
  go();
}

const behaviours: Readonly<Record<string, () => void>> = {
  echo,
  exit: () =>
    void echo()
      .end()
      .then(() => process.exit(Number(argument))),
  crash() {
    throw new Error("the reason it broke");
  },
  lines() {
    for (let line = 1; line <= Number(argument); line += 1) console.error(`line ${line}`);
  },
  stubborn() {
    process.on("SIGTERM", () => {});
    echo();
  },
  hang() {
    echo();
    setImmediate(() => setImmediate(blockForEver));
  },
  garble() {
    writeSync(CHANNEL_FD, Buffer.from("no frame at all"));
    setInterval(() => {}, 1_000);
  },
  flood: () => flood(Number(argument)),
  /** Says the pid of a helper that has left its group, bears no mark and keeps the pipes open; then ends. */
  escape() {
    const stdio = ["ignore", "inherit", "inherit", CHANNEL_FD] as const;
    const { pid } = spawn("sleep", ["60"], { stdio: [...stdio], detached: true, env: { PATH: process.env["PATH"] } });
    const channel = openChannel(CHANNEL_FD, { onFrame: () => {}, onClosed: () => {} });
    channel.send(Buffer.from(String(pid)));
    setImmediate(() => process.exit(0));
  },
  /** At the first frame it ends and leaves a helper behind that keeps the pipes open. */
  helper() {
    spawn("sleep", ["60"], { stdio: "inherit" });
    openChannel(CHANNEL_FD, { onFrame: () => process.exit(0), onClosed: () => {} });
  },
};

const run = behaviours[behaviour ?? ""];
if (run === undefined) throw new Error(`no such behaviour: ${behaviour}`);
run();
