/**
 * In place of a worker: says on its channel what stands in a file behind its first byte, and then nothing more. It ends
 * a little later, or, where that byte is not 0, never.
 *
 * @module
 */
import { readFileSync, writeSync } from "node:fs";
import { CHANNEL_FD } from "../../src/net/channel.ts";

const LINGER_MS = 150;
const [stays = 0, ...rest] = readFileSync(process.env["GARBAGE_FILE"] ?? "");
const said = Buffer.from(rest);

for (let at = 0; at < said.length;) at += writeSync(CHANNEL_FD, said, at);
setTimeout(() => process.exit(0), stays === 0 ? LINGER_MS : 2 ** 30);
