/**
 * Goal: what OpenSSH says when it cannot connect is told as what it is.
 * Method: its own words, as they were printed by it; those of a real sshd are in
 *         test/integration/ssh-connection.test.ts.
 *
 * @see src/net/ssh/failure.ts, SF1 SF2
 */
import { expect, test } from "vitest";
import { lastWords, sshFailure } from "../../../../src/net/ssh/failure.ts";

const CHANGED = `@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@
Host key for [127.0.0.1]:2222 has changed and you have requested strict checking.
Host key verification failed.`;

test.each([
  ["ssh: Could not resolve hostname attic: Name or service not known", "ssh.unreachable"],
  ["ssh: connect to host 192.0.2.1 port 22: Connection refused", "ssh.unreachable"],
  ["ssh: connect to host 192.0.2.1 port 22: Connection timed out", "ssh.unreachable"],
  ["kex_exchange_identification: Connection closed by remote host", "ssh.unreachable"],
  ["", "ssh.unreachable"],
  ["me@192.0.2.1: Permission denied (publickey,password).", "ssh.refused"],
  ["Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures", "ssh.refused"],
  [
    "No ED25519 host key is known for attic and you have requested strict checking.\nHost key verification failed.",
    "ssh.hostkey.unknown",
  ],
  [CHANGED, "ssh.hostkey.changed"],
  ['Load key "/k": error in libcrypto\nme@attic: Permission denied (publickey).', "ssh.key.invalid"],
  ["@  WARNING: UNPROTECTED PRIVATE KEY FILE!  @\nme@attic: Permission denied (publickey).", "ssh.key.invalid"],
  ["/home/me/.ssh/config: line 3: Bad configuration option: hostnam", "ssh.config.invalid"],
])("SF1 %j is its own cause", (stderr, code) => {
  expect(sshFailure("attic", stderr).code).toBe(code);
});

test("SF2 what another machine said does nothing to the terminal that shows it, and has an end", () => {
  const said = `one\r\n\u001B[2J\u001B]0;title\u0007two\u202E\n${"x".repeat(5_000)}`;
  expect(lastWords(`first\nsecond\nthird\n${said}`)).not.toMatch(/\p{C}/u);
  expect(lastWords(said).length).toBeLessThanOrEqual(1_000);
  expect(sshFailure("attic", "\u001B[31mPermission denied").message).toBe("attic: [31mPermission denied");
});
