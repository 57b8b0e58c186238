/**
 * Goal: a host whose key is not known is met by nobody who has not approved that very key, and one that has changed by
 *       nobody at all.
 * Method: the command itself, a real sshd that changes its key. A person at a terminal is in test/e2e/setup.test.ts.
 *
 * @see src/net/ssh/host-key.ts, HK1 HK2; src/cli/setup/reach.ts, RC1; src/cli/commands/setup.ts, ST1
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { addNode } from "../../src/cli/commands/setup.ts";
import { dispatch } from "../../src/cli/dispatch.ts";
import { failureText } from "../../src/cli/failure.ts";
import { listenForSignals } from "../../src/cli/interruption.ts";
import { openOutput } from "../../src/cli/terminal/output.ts";
import { registeredNodes } from "../../src/cli/setup/node-registry.ts";
import { errorData } from "../../src/protocol/errors.ts";
import { needs } from "../support/needs.ts";
import { SshServer } from "../support/ssh-server.ts";
import { temporaryFolder } from "../support/temporary.ts";

const ADD = ["setup", "add-node", "--name", "attic", "--ssh-host", "far"];
const VERBOSE = { lines: ["LogLevel VERBOSE"] };

class Person {
  readonly home = join(temporaryFolder(), "home");
  readonly #server: SshServer;

  constructor(server: SshServer) {
    this.#server = server;
  }

  /** @returns how it was refused; "" when it was not */
  async add(...more: readonly string[]): Promise<string> {
    const interruption = listenForSignals();
    const env = { ...process.env, RBEE_HOME: this.home, HOME: this.#server.clientHome, SSH_AUTH_SOCK: undefined };
    const { args, options } = dispatch([...ADD, ...more]);
    const output = openOutput();
    try {
      await addNode({ args, options, output, interruption, env, cwd: this.home });
      return "";
    } catch (thrown) {
      return failureText(errorData(thrown));
    } finally {
      output.close();
      interruption.close();
    }
  }

  get known(): string {
    return readFileSync(join(this.#server.clientHome, ".ssh", "known_hosts"), "utf8");
  }

  get nodes(): readonly string[] {
    return registeredNodes(this.home).map(({ name }) => name);
  }
}

describe("a host that was never met", () => {
  test(
    "RC1 HK2 ST1 ssh.hostkey.unknown: is refused with its fingerprint; nothing is noted, and no key was offered to it",
    needs("sshd", "ssh"),
    async () => {
      const server = await SshServer.started(VERBOSE);
      server.configure({ known: false });
      const person = new Person(server);
      const refused = await person.add();
      expect(refused).toContain("ssh.hostkey.unknown");
      expect(refused).toContain(server.fingerprint());
      const mistaken = await person.add("--accept-host-key", server.fingerprint("user"));
      expect(mistaken).toContain("ssh.hostkey.unknown");
      expect([person.known, person.nodes]).toEqual(["", []]);
      expect(server.stderr).not.toMatch(/publickey/);
    },
  );

  test(
    "RC1 HK1 is taken by a word that names its fingerprint, and that key is known from then on",
    needs("sshd", "ssh"),
    async () => {
      const server = await SshServer.started(VERBOSE);
      server.configure({ known: false });
      const person = new Person(server);
      // A file without its last line break keeps the line that it has.
      const other = "other.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";
      appendFileSync(join(server.clientHome, ".ssh", "known_hosts"), other);
      expect(await person.add("--accept-host-key", server.fingerprint())).toBe("");
      const [kept, added, end] = person.known.split("\n");
      const [, kind, key] = added?.split(" ") ?? [];
      expect([kept, `${kind} ${key}`, end]).toEqual([other, readFileSync(server.path("host.pub"), "utf8").trim(), ""]);
      expect(person.nodes).toEqual(["attic"]);
      const found = execFileSync("ssh-keygen", [
        "-F",
        `[127.0.0.1]:${server.port}`,
        "-f",
        join(server.clientHome, ".ssh/known_hosts"),
      ]);
      expect(String(found)).toContain("found");
    },
  );
});

describe("a host whose key is another than before", () => {
  test(
    "HK1 ssh.hostkey.changed: is refused always, also with a word that names its new fingerprint",
    needs("sshd", "ssh"),
    async () => {
      const server = await SshServer.started(VERBOSE);
      const person = new Person(server);
      await server.stop();
      server.makeKey("host");
      await server.start();
      const before = person.known;
      for (const more of [[], ["--accept-host-key", server.fingerprint()]]) {
        expect(await person.add(...more)).toContain("ssh.hostkey.changed");
      }
      expect([person.known, person.nodes]).toEqual([before, []]);
      expect(server.stderr).not.toMatch(/publickey/);
      // Forgotten as the advice says, it is a host that was never met.
      writeFileSync(join(server.clientHome, ".ssh", "known_hosts"), "");
      expect(await person.add()).toContain("ssh.hostkey.unknown");
    },
  );
});
