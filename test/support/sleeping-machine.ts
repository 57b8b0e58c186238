/**
 * A machine that is told to sleep and to wake as logind tells it: over a system bus of the test's own.
 *
 * The bus and who listens to it are real. Who holds sleep up is played, since logind is one of a whole system: it notes
 * its process and runs what it is given.
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { waitUntil } from "./children.ts";
import { needs } from "./needs.ts";
import { temporaryFolder } from "./temporary.ts";

export const needsBus = (): ReturnType<typeof needs> => needs("dbus-daemon", "dbus-monitor", "dbus-send");

const busOf = (socket: string): string => `<!DOCTYPE busconfig PUBLIC
"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=${socket}</listen>
<policy context="default"><allow send_destination="*"/><allow own="*"/><allow receive_sender="*"/></policy></busconfig>
`;

const HOLDER = `#!/bin/sh
echo $$ >> "\${0%/*}/holders"
while [ "\${1#--}" != "$1" ]; do shift; done
exec "$@"
`;

export interface SleepingMachine {
  /** For a node of this machine. */
  readonly env: Readonly<Record<string, string>>;
  /** Processes that have held sleep up, the newest last. */
  holders(): readonly number[];
  tell(isAboutToSleep: boolean): void;
}

export async function sleepingMachine(): Promise<SleepingMachine> {
  const folder = temporaryFolder();
  const socket = join(folder, "bus");
  writeFileSync(join(folder, "bus.conf"), busOf(socket));
  const holder = join(folder, "systemd-inhibit");
  writeFileSync(holder, HOLDER);
  chmodSync(holder, 0o755);
  const daemon = spawn("dbus-daemon", [`--config-file=${join(folder, "bus.conf")}`, "--nofork"], { stdio: "ignore" });
  onTestFinished(() => void daemon.kill());
  await waitUntil(() => existsSync(socket), 5_000);
  const bus = { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${socket}` };
  return {
    env: { ...bus, PATH: `${folder}:${process.env["PATH"] ?? ""}` },
    holders: () => {
      const path = join(folder, "holders");
      return existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean).map(Number) : [];
    },
    tell(isAboutToSleep) {
      const signal = ["/org/freedesktop/login1", "org.freedesktop.login1.Manager.PrepareForSleep"];
      const args = ["--system", "--type=signal", "--sender=org.freedesktop.login1", ...signal];
      const { status } = spawnSync("dbus-send", [...args, `boolean:${isAboutToSleep}`], {
        env: { ...process.env, ...bus },
      });
      if (status !== 0) throw new Error("the signal was not sent");
    },
  };
}
