/**
 * Holds a connection over SSH until it is killed: `node ssh-holder-program.ts PORT KEYFILE`, with HOME set.
 *
 * @module
 */
import { openSsh } from "../../src/net/ssh/connection.ts";

const [port, keyFile] = process.argv.slice(2);
const place = { host: "127.0.0.1", port: Number(port), ...(keyFile === undefined ? {} : { keyFile }) };
await openSsh(place, { env: process.env, attended: false, signal: new AbortController().signal });
console.log("open");
setInterval(() => {}, 60_000);
