/**
 * What another machine is, before anything is put there: asked by a few lines of sh, and held to what we need.
 *
 *  FM1 Nothing is sent to a machine that could not run it: another system, another processor, an older libc.
 *  FM2 What it says of itself is parsed by a schema, or refused.
 *
 * @module
 */
import { z } from "zod";
import { RbeeError } from "../../protocol/errors.ts";
import type { SshConnection } from "../../net/ssh/connection.ts";
import { lastWords } from "../../net/ssh/failure.ts";

/** Below the home folder over there; all that is ever put there lies in it. */
const PLACE = ".local/share/rbee-hive";

const PROBE = `
cd || exit 3
root=$(pwd -P)/$1
echo "root $root"
echo "system $(uname -s)"
echo "processor $(uname -m)"
if libc=$(getconf GNU_LIBC_VERSION 2>/dev/null); then echo "libc $libc"
else for each in /lib/ld-musl-*; do [ -e "$each" ] && echo "libc musl"; done
fi
if [ -d "$root" ]; then disk=$root; else disk=.; fi
echo "disk $(df -Pk "$disk" | tail -n 1)"
command -v tar >/dev/null && echo "tar yes"
if [ -e /proc/driver/nvidia/version ] || [ -e /dev/dxg ]; then echo "nvidia yes"; fi
for each in /usr/lib/libvulkan.so.1 /usr/lib64/libvulkan.so.1 /usr/lib/*-linux-*/libvulkan.so.1
do [ -e "$each" ] && echo "vulkan yes"
done
[ -h "$root/current" ] && echo "current $(readlink "$root/current")"
[ -f "$root/home/cluster/member.json" ] && echo "joined yes"
echo "connection \${SSH_CONNECTION-}"
echo "whole yes"
`;

const isThere = z.literal("yes").optional();
const said = z.object({
  root: z.string().startsWith("/").max(2048),
  system: z.string().max(64),
  processor: z.string().max(64),
  libc: z.string().max(64).optional(),
  disk: z.string().max(4096),
  tar: isThere,
  nvidia: isThere,
  vulkan: isThere,
  current: z
    .string()
    .regex(/^[\w.+-]{1,100}$/)
    .optional(),
  joined: isThere,
  connection: z.string().max(256),
  whole: z.literal("yes"),
});

export interface FarMachine {
  /** Absolute: where all of rbee lies there. */
  readonly root: string;
  readonly system: string;
  readonly processor: string;
  readonly libc: string | undefined;
  /** Undefined where it does not tell. */
  readonly freeBytes: number | undefined;
  readonly hasTar: boolean;
  readonly hasNvidia: boolean;
  readonly hasVulkan: boolean;
  /** The build that is in use there. */
  readonly current: string | undefined;
  readonly isMember: boolean;
  /** This machine's address as that one sees it, and its own. */
  readonly seen: { readonly here: string; readonly there: string } | undefined;
}

/** FM2. @throws RbeeError ssh.foreign */
export async function probe(far: SshConnection): Promise<FarMachine> {
  const { code, stdout, stderr } = await far.run(["sh", "-c", PROBE, "rbee", PLACE]);
  return machineIn(stdout, `exit code ${code}; ${lastWords(stderr || stdout)}`);
}

/** FM2: the first of what it says twice counts; what a login greets with is passed over. */
export function machineIn(stdout: string, trouble: string): FarMachine {
  const lines = stdout.split("\n").flatMap((line): [string, string][] => {
    const space = line.indexOf(" ");
    return space === -1 ? [] : [[line.slice(0, space), line.slice(space + 1)]];
  });
  const { data, error } = said.safeParse(Object.fromEntries(lines.toReversed()));
  if (data === undefined) {
    const [issue] = error.issues;
    throw new RbeeError("ssh.foreign", `it does not say what it is (${issue?.path.join(".")}): ${trouble}`);
  }
  const { root, system, processor, libc, current } = data;
  const kilobytes = Number(data.disk.trim().split(/\s+/).at(-3));
  const [here, , there] = data.connection.split(" ");
  return {
    root,
    system,
    processor,
    libc,
    freeBytes: Number.isSafeInteger(kilobytes) ? kilobytes * 1024 : undefined,
    hasTar: data.tar === "yes",
    hasNvidia: data.nvidia === "yes",
    hasVulkan: data.vulkan === "yes",
    current,
    isMember: data.joined === "yes",
    seen: here && there ? { here, there } : undefined,
  };
}

/** What a build of Node for this machine needs of another. */
export interface NodeNeeds {
  readonly platform: string;
  readonly arch: string;
  /** The oldest glibc that it runs on; undefined where it was built for musl. */
  readonly glibc: string | undefined;
}

export function ownNeeds(): NodeNeeds {
  const report = process.report.getReport() as { header?: { glibcVersionCompiler?: string } };
  return { platform: process.platform, arch: process.arch, glibc: report.header?.glibcVersionCompiler };
}

const PROCESSORS: Readonly<Record<string, string>> = {
  x86_64: "x64",
  amd64: "x64",
  aarch64: "arm64",
  arm64: "arm64",
  armv7l: "arm",
};

/** FM1. @throws RbeeError setup.platform */
export function checkFit({ system, processor, libc, hasTar }: FarMachine, needs: NodeNeeds): void {
  const { platform, arch, glibc } = needs;
  const refuse = (why: string): never => {
    throw new RbeeError("setup.platform", why);
  };
  if (platform !== "linux") refuse(`this machine runs ${platform}, and only Linux is set up from Linux so far`);
  if (system !== "Linux") refuse(`it runs ${system}, and this machine Linux`);
  if ((PROCESSORS[processor] ?? processor) !== arch) refuse(`its processor is ${processor}, and this one's ${arch}`);
  const [kind = "unknown", version = "0"] = (libc ?? "").split(" ");
  if (glibc === undefined && kind !== "musl") refuse(`this machine's Node needs musl, and its libc is ${kind}`);
  if (glibc !== undefined && (kind !== "glibc" || isOlder(version, glibc)))
    refuse(`Node cannot run there: it needs glibc ${glibc}, and its libc is ${libc || "another"}`);
  if (!hasTar) refuse("it has no tar");
}

function isOlder(version: string, than: string): boolean {
  const [one, other] = [version, than].map((text) => text.split(".").map(Number));
  const [major = 0, minor = 0] = one ?? [];
  const [thanMajor = 0, thanMinor = 0] = other ?? [];
  return major < thanMajor || (major === thanMajor && minor < thanMinor);
}
