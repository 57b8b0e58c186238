/**
 * Other programs that stand in front of a model server, as far as they are here: what the door is held against.
 *
 * Neither belongs to this project. Portkey's gateway is a package that somebody has installed where the bench is run;
 * nginx comes from the system. Which is missing is said, and left out.
 *
 * @module
 */
import { freePort } from "./free-port.ts";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export interface Peer {
  readonly name: string;
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface Found {
  readonly file: string;
  readonly args: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

const READY_MS = 20_000;
const POLL_MS = 50;
/** Debian has it where only root looks. */
const SYSTEM_PATHS = ["/usr/sbin", "/usr/local/sbin"];

export async function startPeers(folder: string, backendPort: number): Promise<readonly Peer[]> {
  const [gatewayPort, nginxPort] = [await freePort(), await freePort()];
  const known = [
    { name: "portkey", port: gatewayPort, found: portkey(gatewayPort, backendPort) },
    { name: "nginx", port: nginxPort, found: nginx(folder, nginxPort, backendPort) },
  ];
  const peers: Peer[] = [];
  for (const { name, port, found } of known) {
    if (found !== undefined) peers.push(await start(name, port, found));
    else process.stderr.write(`rbee bench: SKIPPED ${name}, which is not installed here\n`);
  }
  return peers;
}

function portkey(port: number, backendPort: number): Found | undefined {
  const server = installed("@portkey-ai/gateway/build/start-server.js");
  if (server === undefined) return undefined;
  const headers = {
    authorization: "Bearer nobody",
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": `http://127.0.0.1:${backendPort}/v1`,
  };
  return { file: process.execPath, args: [server, `--port=${port}`, "--headless"], headers };
}

/** Beside whoever runs the bench, or where NODE_PATH says. */
function installed(module: string): string | undefined {
  try {
    return createRequire(join(process.cwd(), "bench.js")).resolve(module);
  } catch {
    return undefined;
  }
}

function nginx(folder: string, port: number, backendPort: number): Found | undefined {
  const file = [...(process.env["PATH"] ?? "").split(delimiter), ...SYSTEM_PATHS]
    .map((path) => join(path, "nginx"))
    .find((path) => existsSync(path));
  if (file === undefined) return undefined;
  const prefix = join(folder, "nginx");
  mkdirSync(prefix);
  const config = join(prefix, "nginx.conf");
  writeFileSync(config, nginxConfig(prefix, port, backendPort));
  return { file, args: ["-p", prefix, "-c", config], headers: {} };
}

const nginxConfig = (prefix: string, port: number, backendPort: number): string => `
daemon off;
pid ${prefix}/pid;
error_log stderr crit;
worker_processes auto;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000;
  client_body_temp_path ${prefix}/body;
  proxy_temp_path ${prefix}/proxy;
  fastcgi_temp_path ${prefix}/fastcgi;
  uwsgi_temp_path ${prefix}/uwsgi;
  scgi_temp_path ${prefix}/scgi;
  upstream backend { server 127.0.0.1:${backendPort}; keepalive 256; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`;

async function start(name: string, port: number, { file, args, headers }: Found): Promise<Peer> {
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "ignore"] });
  child.on("error", () => {});
  await untilListening(name, child, port);
  return {
    name,
    port,
    headers,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

async function untilListening(name: string, child: ChildProcess, port: number): Promise<void> {
  const giveUpMs = performance.now() + READY_MS;
  while (!(await listens(port))) {
    if (child.exitCode !== null || performance.now() > giveUpMs) {
      child.kill("SIGKILL");
      throw new Error(`${name} did not come up`);
    }
    await pause(POLL_MS);
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ host: "127.0.0.1", port });
    probe.once("error", () => resolve(false));
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
  });
}
