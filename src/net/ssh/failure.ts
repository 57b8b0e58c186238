/**
 * What `ssh` means by what it says on stderr when it could not connect, as a code.
 *
 *  SF1 Each cause has a code of its own, so that a person is told what to do about it.
 *  SF2 What another machine said is shown without a letter that could do something to a terminal.
 *
 * @module
 */
import { type ErrorCode, RbeeError } from "../../protocol/errors.ts";

/** The exit code by which `ssh` says that it was its own failure. */
export const SSH_FAILED = 255;

const LINES_MAX = 4;
const LETTERS_MAX = 1000;

/** The first that matches is meant. */
const CAUSES: readonly (readonly [RegExp, ErrorCode])[] = [
  [/REMOTE HOST IDENTIFICATION HAS CHANGED|is marked as revoked|host key .*revoked/i, "ssh.hostkey.changed"],
  [/host key is known for .* strict checking|Host key verification failed/i, "ssh.hostkey.unknown"],
  [/UNPROTECTED PRIVATE KEY|Load key .*: (?!Permission)|not accessible: /i, "ssh.key.invalid"],
  [/Permission denied|Too many authentication failures|No supported authentication/i, "ssh.refused"],
  [/Bad configuration option|terminating, \d+ bad configuration/i, "ssh.config.invalid"],
];

/** SF1. */
export function sshFailure(host: string, stderr: string): RbeeError {
  const [, code = "ssh.unreachable"] = CAUSES.find(([pattern]) => pattern.test(stderr)) ?? [];
  return new RbeeError(code, `${host}: ${lastWords(stderr) || "ssh gave no reason"}`, { host });
}

/** SF2: the last lines of it, in one. */
export function lastWords(text: string): string {
  const lines = text
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/\p{C}/gu, "").trim())
    .filter((line) => line !== "" && !/^[@ ]+$/.test(line));
  return lines.slice(-LINES_MAX).join("; ").slice(-LETTERS_MAX);
}
