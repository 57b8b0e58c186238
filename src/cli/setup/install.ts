/**
 * Putting rbee on another machine: Node and program in one stream of tar, and nothing else than sh and tar over there.
 *
 *  IN1 What is in use over there is whole: a build is unpacked beside it, tried, and only then made the current one, in
 *      one step.
 *  IN2 Whatever is left of an installation that broke off is gone with the next, and is never used.
 *  IN3 What cannot fit is not begun.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { Feeder, SshConnection } from "../../net/ssh/connection.ts";
import { lastWords } from "../../net/ssh/failure.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { sizeText } from "../../runtime/config/units.ts";
import type { FarMachine } from "./far-machine.ts";
import type { Parcel } from "./parcel.ts";

/** Files fill whole blocks of a disk, and a node has to write something. */
const ROOM_FACTOR = 1.15;
const UNPACKED_WITHIN_MS = 120_000;

/** IN2. A tar that is cut off in the middle says so. */
const UNPACK = `
root=$1; incoming=$2
umask 077
mkdir -p "$root" && rm -rf -- "$root"/incoming-* && mkdir "$incoming" || exit 4
tar -x -o -f - -C "$incoming" || { rm -rf -- "$incoming"; exit 5; }
echo unpacked
`;

/** IN1. */
const TRY = `
incoming=$1; name=$2
[ "$name" = node ] || mv "$incoming/$name" "$incoming/node" || exit 4
"$incoming/node" --version
`;
const PLACE = `
root=$1; incoming=$2; build=$3
rm -rf -- "$root/$build" && mv "$incoming" "$root/$build" || exit 4
new=$root/current.new
rm -f "$new" && ln -s "$build" "$new" && mv -T -f "$new" "$root/current" || exit 5
for each in "$root"/*-*; do
  case "$each" in "$root/$build") ;; *) [ -d "$each/node_modules" ] && rm -rf -- "$each" ;; esac
done
echo placed
`;
const CLEAN = `rm -rf -- "$1"`;

export interface Sending {
  readonly machine: FarMachine;
  readonly parcel: Parcel;
  /** Told how many bytes of the stream have been sent, which is a little longer than its files. */
  sent(bytes: number): void;
}

/** @throws RbeeError setup.disk.full, setup.platform, setup.failed, ssh.lost */
export async function putThere(far: SshConnection, { machine, parcel, sent }: Sending): Promise<void> {
  const { root, freeBytes } = machine;
  const needed = Math.ceil(parcel.bytes * ROOM_FACTOR);
  if (freeBytes !== undefined && freeBytes < needed) {
    const message = `${sizeText(freeBytes)} are free in ${root} over there, and rbee takes ${sizeText(needed)}`;
    throw new RbeeError("setup.disk.full", message, { freeBytes, neededBytes: needed });
  }
  const incoming = `${root}/incoming-${randomBytes(6).toString("hex")}`;
  await unpack(far, { root, incoming, parcel, sent });
  try {
    await tryNode(far, incoming, parcel.node.name);
    const placed = await far.run(["sh", "-c", PLACE, "rbee", root, incoming, parcel.build]);
    if (!placed.stdout.endsWith("placed\n")) throw failed("it was not put in its place", placed);
  } catch (error) {
    // A connection that broke leaves it to the next (IN2).
    await far.run(["sh", "-c", CLEAN, "rbee", incoming]).catch(() => {});
    throw error;
  }
}

interface Unpacking {
  readonly root: string;
  readonly incoming: string;
  readonly parcel: Parcel;
  sent(bytes: number): void;
}

async function unpack(far: SshConnection, { root, incoming, parcel, sent }: Unpacking): Promise<void> {
  const { node, root: here, paths } = parcel;
  const tar: Feeder = {
    program: "tar",
    args: ["-c", "-f", "-", "-C", node.folder, node.name, "-C", here, ...paths],
    wrote: sent,
    failed: (why) => new RbeeError("setup.source", `tar cannot pack it here: ${why}`),
  };
  const ran = await far.run(["sh", "-c", UNPACK, "rbee", root, incoming], { input: tar, withinMs: UNPACKED_WITHIN_MS });
  if (ran.code === 0 && ran.stdout.endsWith("unpacked\n")) return;
  if (/No space left|Disk quota exceeded|write error/i.test(ran.stderr)) {
    throw new RbeeError("setup.disk.full", `while it was unpacked: ${lastWords(ran.stderr)}`);
  }
  throw failed("it could not be unpacked", ran);
}

/** The one proof that this Node runs there. */
async function tryNode(far: SshConnection, incoming: string, name: string): Promise<void> {
  const { stdout, stderr } = await far.run(["sh", "-c", TRY, "rbee", incoming, name]);
  if (stdout.trimEnd().split("\n").at(-1) === process.version) return;
  throw new RbeeError("setup.platform", `Node cannot run there: ${lastWords(stderr) || lastWords(stdout)}`);
}

const failed = (what: string, { code, stdout, stderr }: { code: number; stdout: string; stderr: string }): RbeeError =>
  new RbeeError("setup.failed", `${what} (exit code ${code}): ${lastWords(stderr) || lastWords(stdout)}`);
