/**
 * Goal: one connection carries programs, words and streams to another machine, and each way in which it can fail is
 *       told as what it is.
 * Method: a real sshd on loopback, the real ssh, both ended at the worst moment.
 *
 * @see src/net/ssh/connection.ts, SC1 SC2 SC3 SC4; src/net/ssh/failure.ts, SF1
 */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, copyFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type Opening, openSsh, type SshConnection } from "../../src/net/ssh/connection.ts";
import type { SshPlace } from "../../src/net/ssh/place.ts";
import { errorData } from "../../src/protocol/errors.ts";
import { killIfThere, processesWith, waitUntil } from "../support/children.ts";
import { needs } from "../support/needs.ts";
import { SshServer } from "../support/ssh-server.ts";
import { temporaryFolder } from "../support/temporary.ts";

const FAR = { host: "far" };
const GONE_WITHIN_MS = 10_000;

const openingOf = (server: SshServer, more: Partial<Opening> = {}): Opening => ({
  env: { ...process.env, HOME: server.clientHome, SSH_AUTH_SOCK: undefined },
  attended: false,
  signal: new AbortController().signal,
  ...more,
});
const codeOf = (act: Promise<unknown>): Promise<string> =>
  act.then(
    () => "done",
    (thrown: unknown) => errorData(thrown).code,
  );
const open = async (server: SshServer, place: SshPlace = FAR, more: Partial<Opening> = {}): Promise<SshConnection> => {
  const connection = await openSsh(place, openingOf(server, more));
  onTestFinished(() => connection.close());
  return connection;
};
/** Without the key that its configuration has for it. */
const byPort = ({ port }: SshServer, keyFile: string): SshPlace => ({ host: "127.0.0.1", port, keyFile });

describe("a connection", () => {
  test(
    "SC1 runs programs one beside the other, each with its words, its input and its exit code; then nothing is left",
    needs("sshd", "ssh"),
    async () => {
      const server = await SshServer.started({ lines: ["LogLevel VERBOSE"] });
      const folder = temporaryFolder();
      vi.stubEnv("TMPDIR", folder);
      onTestFinished(() => void vi.unstubAllEnvs());
      const connection = await openSsh(FAR, openingOf(server));
      const nasty = ["it's", "a\\b", "$HOME", "`id`", "two\nlines", ""];
      const [said, counted, failed] = await Promise.all([
        connection.run(["printf", "%s|", ...nasty]),
        connection.run(["wc", "-c"], { input: "x".repeat(3_000_000) }),
        connection.run(["sh", "-c", "echo out; echo err >&2; exit 7"]),
      ]);
      expect(said).toEqual({ code: 0, stdout: `${nasty.join("|")}|`, stderr: "" });
      expect(counted.stdout.trim()).toBe("3000000");
      expect(failed).toEqual({ code: 7, stdout: "out\n", stderr: "err\n" });
      // A program that does not read what it is sent says so by its end alone.
      expect((await connection.run(["false"], { input: "x".repeat(3_000_000) })).code).toBe(1);
      await connection.close();
      expect(server.stderr.match(/Accepted publickey/g)).toHaveLength(1);
      expect(readdirSync(folder)).toEqual([]);
      expect(await codeOf(connection.run(["true"]))).toBe("ssh.lost");
    },
  );

  test("SC1 takes a key that only the agent has", needs("sshd", "ssh-agent", "ssh-add"), async () => {
    const server = await SshServer.started();
    const socket = join(temporaryFolder(), "agent");
    const agent = spawn("ssh-agent", ["-D", "-a", socket]);
    onTestFinished(() => void agent.kill());
    const env = { ...openingOf(server).env, SSH_AUTH_SOCK: socket };
    await waitUntil(() => execFileSync("ls", [join(socket, "..")], { encoding: "utf8" }).includes("agent"), 10_000);
    execFileSync("ssh-add", ["-q", server.path("user")], { env });
    const place = { host: "127.0.0.1", port: server.port };
    expect(await codeOf(openSsh(place, openingOf(server)))).toBe("ssh.refused");
    const connection = await open(server, place, { env });
    expect((await connection.run(["echo", "in"])).stdout).toBe("in\n");
  });

  test("SC2 ends with the process that holds it, however that ends", needs("sshd", "ssh"), async () => {
    const server = await SshServer.started();
    const env = { ...openingOf(server).env, RBEE_TEST_MARK: server.folder, TMPDIR: server.folder };
    const program = join(import.meta.dirname, "../support/ssh-holder-program.ts");
    const holder = spawn(process.execPath, [program, String(server.port), server.path("user")], { env });
    onTestFinished(() => void holder.kill("SIGKILL"));
    const marked = (): number[] => processesWith("RBEE_TEST_MARK", server.folder);
    onTestFinished(() => marked().forEach(killIfThere));
    let said = "";
    holder.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
    await waitUntil(() => said.includes("open"), 20_000);
    expect(marked().length).toBeGreaterThan(1);
    holder.kill("SIGKILL");
    await waitUntil(() => marked().length === 0, GONE_WITHIN_MS);
  });

  test(
    "SC3 ssh.foreign: a machine that says more than anybody wants to hear is cut off",
    needs("sshd", "ssh"),
    async () => {
      const connection = await open(await SshServer.started());
      expect(await codeOf(connection.run(["sh", "-c", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done"]))).toBe(
        "ssh.foreign",
      );
      expect(await codeOf(connection.run(["sleep", "60"], { withinMs: 200 }))).toBe("ask.deadline");
      expect((await connection.run(["true"])).code).toBe(0);
    },
  );

  test(
    "SC4 ssh.lost: a connection that breaks is no exit code, and what would run over it makes none of its own",
    needs("sshd", "ssh"),
    async () => {
      const server = await SshServer.started();
      const connection = await open(server);
      const running = codeOf(connection.run(["sleep", "60"]));
      await waitUntil(() => server.sessions().length > 0, 10_000);
      for (const pid of server.sessions()) killIfThere(pid);
      expect(await running).toBe("ssh.lost");
      // The server answers, and is not asked.
      expect(await server.answers()).toBe(true);
      expect(await codeOf(connection.run(["true"]))).toBe("ssh.lost");
    },
  );

  test("SC4 is given up when somebody interrupts, before it stands and after", needs("sshd", "ssh"), async () => {
    const server = await SshServer.started();
    const stop = new AbortController();
    const connection = await open(server, FAR, { signal: stop.signal });
    const running = connection.run(["sleep", "60"]);
    stop.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    await expect(openSsh(FAR, openingOf(server, { signal: stop.signal }))).rejects.toThrow("enough");
  });
});

describe("SF1 who cannot connect is told why", () => {
  test("ssh.refused: by a key that is not taken there", needs("sshd", "ssh"), async () => {
    const server = await SshServer.started();
    const keyFile = server.makeKey("stranger");
    expect(await codeOf(openSsh(byPort(server, keyFile), openingOf(server)))).toBe("ssh.refused");
    expect(await codeOf(openSsh({ ...FAR, user: "nobody-of-that-name" }, openingOf(server)))).toBe("ssh.refused");
  });

  test("ssh.key.invalid: by a key that others can read, or that is none", needs("sshd", "ssh"), async () => {
    const server = await SshServer.started();
    const keyFile = server.path("open");
    copyFileSync(server.path("user"), keyFile);
    chmodSync(keyFile, 0o644);
    expect(await codeOf(openSsh(byPort(server, keyFile), openingOf(server)))).toBe("ssh.key.invalid");
    const noKey = server.path("no-key");
    writeFileSync(noKey, "hello\n", { mode: 0o600 });
    expect(await codeOf(openSsh(byPort(server, noKey), openingOf(server)))).toBe("ssh.key.invalid");
  });

  test("ssh.unreachable: where nothing listens, or what listens is no sshd", needs("sshd", "ssh"), async () => {
    const server = await SshServer.started();
    await server.stop();
    expect(await codeOf(openSsh(FAR, openingOf(server)))).toBe("ssh.unreachable");
    expect(await codeOf(openSsh({ host: "no-such-host.invalid" }, openingOf(server)))).toBe("ssh.unreachable");
  });

  test("ssh.config.invalid, ssh.missing: where ssh itself cannot run", needs("sshd", "ssh"), async () => {
    const server = await SshServer.started();
    const env = { ...openingOf(server).env, PATH: temporaryFolder() };
    expect(await codeOf(openSsh(FAR, openingOf(server, { env })))).toBe("ssh.missing");
    server.configure({ lines: ["Hostnam x"] });
    const code = await codeOf(openSsh(FAR, openingOf(server)));
    expect(code).toBe("ssh.config.invalid");
  });
});
