/**
 * Telling systemd that the node serves, where systemd started it and waits for that.
 *
 * systemd listens on a datagram socket, which Node has not; its own small program does the telling.
 *
 *  SN1 The node's children do not inherit the socket: nobody else speaks for the service.
 *
 * @module
 */
import { execFile } from "node:child_process";

const WITHIN_MS = 5_000;

/** A service manager that cannot be told gives up on the node by itself, so that is all there is to do about it. */
export function tellServiceManager(say: (line: string) => void, ...words: readonly string[]): void {
  const { NOTIFY_SOCKET, PATH } = process.env;
  if (NOTIFY_SOCKET === undefined) return;
  execFile("systemd-notify", words, { timeout: WITHIN_MS, env: { NOTIFY_SOCKET, PATH } }, (error) => {
    if (error !== null) say(`systemd could not be told: ${error.message}`);
  });
}
