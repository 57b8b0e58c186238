/**
 * A machine's part of a cluster whose queen is elsewhere: a hive and its workers, behind a link to her.
 *
 * Owns: the order in which it comes up and goes down, and its door, behind which is the queen's. Does not own: joining
 * (cluster/membership.ts), what work it has.
 *
 *  MN1 It holds the home's lock before it touches anything in it, sweeps what a node before it left, and lets go last.
 *  MN2 `ready` is said when it is linked with its queen for the first time; until then it tries, and says why it must.
 *  MN3 It stays when she goes: its workers end with her lease, and it works again when she is back.
 *  MN4 One that was started for her ends when she has been gone for longer than its lease and the grace.
 *  MN5 Its door opens before it is linked, to this machine alone, and leads to hers: what is asked there is asked of
 *      her in this machine's name. While there is no link to her it says so.
 *  MN6 Where the queen has removed it from her cluster it ends.
 *  MN7 Told to stop it is given nothing new, and what its workers have may end within `shutdown.finish`; a second word
 *      ends that. Then it goes, and what is left goes on elsewhere.
 *  MN8 Before its machine sleeps it says goodbye, so that what it does goes on elsewhere at once; awake again it comes
 *      back.
 *
 * @module
 */
import { connect as connectPlain } from "node:net";
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { connect, type TLSSocket } from "node:tls";
import { letGoMs } from "../../machines/rules/lease.ts";
import { type ErrorData, ERRORS, RbeeError } from "../protocol/errors.ts";
import { isLoopback } from "../protocol/loopback.ts";
import { RBEE_VERSION } from "../protocol/version.ts";
import { placeOf } from "../net/authority/place.ts";
import { Forward } from "../net/forward.ts";
import type { TcpPlace } from "../net/listen.ts";
import { dialWebSocket, socketOver } from "../net/link/over-ws.ts";
import type { Membership } from "../net/authority/join.ts";
import { answersOf } from "./cluster/answers.ts";
import { linkAddress } from "./cluster/link-address.ts";
import { LinkWords } from "./cluster/link-words.ts";
import { Links } from "./cluster/links.ts";
import { MemberSide } from "./cluster/member-side.ts";
import { keepTermSaid, readTermSaid } from "./cluster/membership.ts";
import type { MachineFacts } from "./cluster/talk.ts";
import { Terms } from "./cluster/terms.ts";
import { askHive, backendsOf } from "./seats/hive-seat.ts";
import { detect, Devices, likelyKinds } from "./machine/devices.ts";
import { memory } from "./machine/machine.ts";
import type { NodeOptions, ReadyLine, RunningNode } from "./node-contract.ts";
import { beginInHome } from "./begun-home.ts";
import { Porter } from "./porter/porter.ts";
import { childEnvironment } from "./real/child-environment.ts";
import { runDirOf, socketPathOf } from "./real/home-folder.ts";
import type { HomeLock } from "./real/home-lock.ts";
import { realProcesses } from "./real/processes.ts";
import { SleepWatch } from "./real/sleep.ts";

const LOOPBACK = "127.0.0.1";
const EMPTY_POLL_MS = 50;

export interface MemberOptions extends NodeOptions {
  readonly member: Membership;
  /** MN4. */
  readonly endsWithQueen: boolean;
}

/** Throws `home.held` when another node holds the home. */
export const startMember = (options: MemberOptions): Promise<RunningNode> =>
  beginInHome(options, (lock) => new MemberNode(options, lock).start());

class MemberNode {
  readonly #options: MemberOptions;
  readonly #lock: HomeLock;
  readonly #devices: Devices;
  readonly #porter: Porter;
  readonly #links: Links<MemberSide>;
  readonly #door: Forward;
  #away: ErrorData | undefined;
  readonly #linked = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<{ readonly exitCode: number }>();
  #stopping: Promise<void> | undefined;
  #wasLinked = false;
  #isHurried = false;
  /** While there is no link. */
  #alone: NodeJS.Timeout | undefined;
  #sleep: SleepWatch | undefined;
  /** Its link has ended. */
  #parted = Promise.withResolvers<void>();

  constructor(options: MemberOptions, lock: HomeLock) {
    const { config, paths, log, room, member } = options;
    this.#options = options;
    this.#lock = lock;
    const env = childEnvironment();
    const kinds = config.worker.gpu === "none" ? [] : likelyKinds();
    this.#devices = new Devices(() => detect(env, { kinds }));
    this.#porter = new Porter({
      config,
      memberAs: member.name,
      neighbours: { url: member.url, ca: member.authority, cert: member.certificate, key: member.key },
      paths,
      processes: realProcesses({ home: paths.home, runDir: runDirOf(paths.home), env }),
      devices: this.#devices,
      room: room ?? (() => this.#devices.list),
      log,
      news: () => {},
      hopeless: (error) => this.#giveUp(error),
    });
    const { authority: ca, certificate: cert, key } = member;
    const settings = { ...config.worker, headroomBytes: config.memory.headroomBytes };
    const answer = answersOf(this.#porter, { logs: paths.logs, settings });
    this.#links = new Links({
      porter: this.#porter,
      name: member.name,
      instance: lock.instance,
      clusterId: member.clusterId,
      side: (ways) => new MemberSide({ porter: this.#porter, facts: () => this.#facts(), answer }, ways),
      dial: (address) => socketOver(dialWebSocket(address, { ca, cert, key })),
      linked: () => this.#hasQueen(),
      unlinked: (reason) => this.#unlinked(reason),
      terms: new Terms({
        authority: ca,
        queen: member.queen,
        said: readTermSaid(paths.home),
        later: (said) => keepTermSaid(paths.home, said),
      }),
      words: new LinkWords(log),
    });
    this.#door = new Forward({ dial: () => this.#dial(), away: () => this.#away });
  }

  async start(): Promise<RunningNode> {
    const { member, paths } = this.#options;
    await this.#devices.refresh();
    const door = await this.#openDoor();
    this.#porter.link(this.#links);
    this.#links.want(member.queen, linkAddress(member.url));
    this.#lacksQueen();
    // Somebody who will not wait ends it.
    await Promise.race([this.#linked.promise, this.#ended.promise]);
    this.#sleep = new SleepWatch({ about: () => this.#goToSleep(), over: () => this.#wake() });
    const ready: ReadyLine = {
      ready: true,
      url: member.url,
      name: member.name,
      roles: ["hive"],
      pid: process.pid,
      epoch: 0,
      door,
    };
    return {
      ready,
      socketPath: socketPathOf(paths.home),
      stop: (exitCode) => this.#stop(exitCode),
      stopNow: () => {
        this.#isHurried = true;
        void this.#stop();
      },
      reopenLog: () => {},
      ended: this.#ended.promise,
      attachedClients: () => 0,
    };
  }

  /** MN4. @returns its address */
  async #openDoor(): Promise<string> {
    const { config, paths, log, member } = this.#options;
    const { host, port, asked } = config.listen;
    if (!isLoopback(host))
      log(`the door is opened to this machine alone, and not at ${host}: others ask ${member.url}`);
    const place: TcpPlace = { host: isLoopback(host) ? host : LOOPBACK, port, orNext: !asked };
    const socketPath = socketPathOf(paths.home);
    try {
      const taken = await this.#door.listen(place);
      await this.#door.listen({ socketPath });
      const url = `http://${place.host.includes(":") ? `[${place.host}]` : place.host}:${taken}`;
      this.#lock.announce({ socketPath, url });
      return url;
    } catch (thrown) {
      this.#door.close();
      await this.#porter.close();
      throw thrown;
    }
  }

  #dial(): TLSSocket {
    const { url, authority: ca, certificate: cert, key } = this.#options.member;
    const place = placeOf(new URL(url));
    const socket = connectPlain({ ...place, allowHalfOpen: true });
    return connect({ ...place, socket, ca, cert, key, ALPNProtocols: ["http/1.1"] });
  }

  #unlinked({ code, message }: ErrorData): void {
    // MN6.
    if (code === "machine.removed") return this.#giveUp({ code, message });
    this.#away = { code: "queen.unreachable", message: `there is no link to the queen: ${message}` };
    this.#door.cut(this.#away);
    this.#parted.resolve();
    this.#lacksQueen();
  }

  /** MN8. @returns when its queen knows */
  #goToSleep(): Promise<void> {
    if (this.#stopping !== undefined || this.#away !== undefined) return Promise.resolve();
    this.#parted = Promise.withResolvers();
    this.#links.release(this.#options.member.queen, { code: "link.closed", message: "it went to sleep" });
    return this.#parted.promise;
  }

  #wake(): void {
    const { queen, url } = this.#options.member;
    if (this.#stopping === undefined) this.#links.want(queen, linkAddress(url));
  }

  #facts(): MachineFacts {
    const { name } = this.#options.member;
    void this.#devices.refresh();
    return {
      name,
      host: hostname(),
      pid: process.pid,
      version: RBEE_VERSION,
      ram: memory(),
      ...backendsOf(this.#porter),
    };
  }

  /** By then none of its workers is left. */
  get #goneMs(): number {
    return letGoMs(this.#options.config.queen.leaseMs);
  }

  #hasQueen(): void {
    this.#away = undefined;
    clearTimeout(this.#alone);
    this.#alone = undefined;
    this.#wasLinked = true;
    this.#linked.resolve();
  }

  /** MN4: by then its workers have ended too (H6 of machines/hive.ts). It is told so again with each try. */
  #lacksQueen(): void {
    if (!this.#options.endsWithQueen || this.#stopping !== undefined) return;
    const message = `its queen was not heard of for ${this.#goneMs / 1000} s, and it was started for her`;
    this.#alone ??= setTimeout(() => {
      if (!this.#wasLinked) return this.#giveUp({ code: "queen.gone", message });
      this.#options.log(`${message}: it ends`);
      void this.#stop();
    }, this.#goneMs);
  }

  #stop(exitCode = 0): Promise<void> {
    this.#stopping ??= this.#leave().then(() => this.#end(exitCode));
    return this.#stopping;
  }

  /** MN7. Its queen ends each worker that has nothing to do any more. */
  async #leave(): Promise<void> {
    const giveUpMs = performance.now() + this.#options.config.shutdown.finishMs;
    if (!this.#links.side.leave()) return;
    while (!this.#isHurried && this.#away === undefined && performance.now() < giveUpMs) {
      const { members } = await askHive(this.#porter);
      if (members.length === 0) return;
      await pause(EMPTY_POLL_MS);
    }
  }

  async #end(exitCode: number): Promise<void> {
    this.#sleep?.close();
    this.#door.close();
    this.#links.close();
    clearTimeout(this.#alone);
    await this.#porter.close();
    this.#lock.release();
    this.#ended.resolve({ exitCode });
  }

  #giveUp(error: ErrorData): void {
    this.#linked.reject(new RbeeError(error.code, error.message, error.details));
    this.#options.log(`${error.code}: ${error.message}. ${ERRORS[error.code].advice}`);
    this.#stopping ??= this.#end(ERRORS[error.code].exitCode);
  }
}
