/**
 * Carries faults out: each at its time, to one of those it could happen to, and ends what lasts.
 *
 * Owns: what a fault means, and that after `heal` none of them goes on. Does not own: which there are (scenario.ts).
 *
 * @module
 */
import type { Fault, FaultKind } from "./scenario.ts";
import { nameOf, QUEEN, type SimCluster } from "./sim-cluster.ts";
import { MODEL_BYTES } from "./sim-machine.ts";
import type { SimSite } from "./sim-site.ts";
import type { NextFault } from "./sim-workers.ts";

export interface NemesisEar {
  /** @param whom it happened to; "" when nobody was there. */
  fault(fault: Fault, whom: string): void;
  /** A node that was told to stop has. */
  stopped(said: "drained" | "not", tookMs: number): void;
}

export const NEXT_ONE = "the next one";

/** Ends what was begun. */
type Undo = () => void;

export class Nemesis {
  readonly #cluster: SimCluster;
  readonly #ear: NemesisEar;
  readonly #lasting = new Set<Undo>();
  /** No node is stopped twice at a time. */
  #isStopping = false;
  #isHealed = false;

  constructor(cluster: SimCluster, faults: readonly Fault[], ear: NemesisEar) {
    this.#cluster = cluster;
    this.#ear = ear;
    for (const fault of faults) cluster.world.clock.after(fault.atMs, () => this.#strike(fault));
  }

  /** From now on nothing goes wrong any more. */
  heal(): void {
    this.#isHealed = true;
    for (const undo of this.#lasting) undo();
    this.#lasting.clear();
    const { next } = this.#cluster.workers;
    for (const fault of Object.keys(next) as NextFault[]) next[fault] = 0;
    for (const worker of this.#cluster.workers.alive) this.#cluster.workers.breakEngine(worker, {});
    for (const bee of this.#cluster.bees) this.#cluster.world.disk(bee).nextCommit = undefined;
    this.#cluster.liars.clear();
    for (const { models } of this.#cluster.sites) {
      models.cuts = 0;
      models.refusals = 0;
    }
  }

  #strike(fault: Fault): void {
    const act = ACTS[fault.kind];
    if (this.#isHealed || (this.#isStopping && fault.kind.startsWith("node."))) return;
    const whom = act(this.#cluster, fault, {
      lasting: (undo, times = 1) => this.#last(fault.forMs * times, undo),
      stop: () => this.#stop(),
    });
    this.#ear.fault(fault, whom);
  }

  #last(forMs: number, undo: Undo): void {
    this.#lasting.add(undo);
    this.#cluster.world.clock.after(forMs, () => {
      if (this.#lasting.delete(undo)) undo();
    });
  }

  #stop(): void {
    const { world } = this.#cluster;
    const sinceMs = world.clock.monotonicMs();
    this.#isStopping = true;
    this.#cluster.stopNode((said) => {
      this.#isStopping = false;
      this.#ear.stopped(said, world.clock.monotonicMs() - sinceMs);
    });
  }
}

interface Means {
  /** As long as the fault, or so many times that. */
  lasting(undo: Undo, times?: number): void;
  stop(): void;
}

/** Other programs stay longer than other faults: models come and go meanwhile. */
const PROGRAM_TIMES = 8;

type Act = (cluster: SimCluster, fault: Fault, means: Means) => string;

const one = (from: readonly string[], pick: number): string => from[pick % Math.max(1, from.length)] ?? "";

/** To a worker, if there is one. */
const toWorker =
  (act: (cluster: SimCluster, worker: string, means: Means) => void): Act =>
  (cluster, { pick }, means) => {
    const worker = one(cluster.workers.alive, pick);
    if (worker !== "") act(cluster, worker, means);
    return worker;
  };

const toBee =
  (act: (cluster: SimCluster, bee: string, means: Means) => void): Act =>
  (cluster, { pick }, means) => {
    const bee = one(cluster.bees, pick);
    act(cluster, bee, means);
    return bee;
  };

/** Between two hosts that talk, in one direction of it or both. */
const toWire =
  (act: (cluster: SimCluster, from: string, to: string, means: Means) => void): Act =>
  (cluster, { pick }, means) => {
    const workers = cluster.workers.alive.filter((worker) => cluster.world.has(worker));
    const pairs = [
      ...cluster.hives.map((hive) => ["queen", hive] as const),
      ...workers.flatMap((worker) => [["queen", worker] as const, ["hive", worker] as const]),
    ];
    const [a, b] = pairs[pick % pairs.length] ?? ["queen", "hive"];
    const [from, to] = Math.floor(pick / pairs.length) % 2 === 0 ? [a, b] : [b, a];
    act(cluster, from, to, means);
    return `${from}, ${to}`;
  };

/** Between the two machines, if there are two. */
const toLink =
  (act: (link: SimCluster["link"], means: Means) => void): Act =>
  (cluster, _fault, means) => {
    if (cluster.sites.length < 2) return "";
    act(cluster.link, means);
    return "link";
  };

/** Laid for the next worker that is forked, or loads. */
const next =
  (fault: NextFault): Act =>
  (cluster) => {
    cluster.workers.next[fault] += 1;
    return NEXT_ONE;
  };

const freeze =
  (whom: (cluster: SimCluster, pick: number) => string): Act =>
  (cluster, { pick }, { lasting }) => {
    const host = whom(cluster, pick);
    if (!cluster.world.isUp(host)) return "";
    cluster.world.freeze(host);
    lasting(() => cluster.world.isUp(host) && cluster.world.thaw(host));
    return host;
  };

const poison = (
  cluster: SimCluster,
  to: Parameters<SimCluster["world"]["tell"]>[0],
  event: { type: string },
): string => {
  // Often enough that whoever is restarted each time is given up.
  for (let n = 0; n < 4; n += 1) cluster.world.clock.after(n * 5, () => cluster.world.tell(to, event));
  return to;
};

const oneSite = (sites: readonly SimSite[], pick: number): SimSite => sites[pick % sites.length] as SimSite;

const crashNode =
  (power: boolean): Act =>
  (cluster, { pick }) => {
    const site = oneSite(cluster.sites, pick);
    cluster.crashNode(site, power);
    return site.hive;
  };

const ACTS: Readonly<Record<FaultKind, Act>> = {
  "queen.crash": (cluster) => {
    cluster.crash("queen");
    return "queen";
  },
  "hive.crash": (cluster, { pick }) => {
    cluster.crash(one(cluster.hives, pick));
    return one(cluster.hives, pick);
  },
  "queen.freeze": freeze(() => "queen"),
  "hive.freeze": freeze((cluster, pick) => one(cluster.hives, pick)),
  "node.crash": crashNode(false),
  "node.power": crashNode(true),
  "node.stop": (_cluster, _fault, { stop }) => {
    stop();
    return "node";
  },
  "worker.kill": toWorker((cluster, worker) => cluster.workers.kill(worker)),
  "worker.starve": toWorker((cluster, worker) => cluster.workers.kill(worker, "signal SIGKILL", "one more was killed")),
  "worker.freeze": toWorker((cluster, worker, { lasting }) => {
    cluster.workers.freeze(worker);
    lasting(() => cluster.workers.thaw(worker));
  }),
  "worker.deaf": toWorker((cluster, worker) => {
    cluster.workers.deafen(worker);
    cluster.door.ask(QUEEN, { type: "stop.worker", worker } as { type: string }, 10_000, () => {});
  }),
  "fork.lost": next("fork.lost"),
  "fork.fails": next("fork.fails"),
  "fork.late": next("fork.late"),
  "load.hang": next("load.hang"),
  "load.memory": next("load.memory"),
  "engine.slow": (cluster, _fault, { lasting }) => {
    cluster.workers.slowness = 10;
    lasting(() => (cluster.workers.slowness = 1));
    return "all";
  },
  "engine.stall": toWorker((cluster, worker, { lasting }) => {
    cluster.workers.breakEngine(worker, { stallsAtToken: 1 });
    lasting(() => cluster.workers.breakEngine(worker, {}));
  }),
  "engine.fail": toWorker((cluster, worker, { lasting }) => {
    cluster.workers.breakEngine(worker, { failsAtToken: 2 });
    lasting(() => cluster.workers.breakEngine(worker, {}));
  }),
  "engine.lie": toWorker((cluster, worker, { lasting }) => {
    cluster.liars.add(worker);
    lasting(() => cluster.liars.delete(worker));
  }),
  // Other programs take all that is free, or leave less than a model needs: then there is room for it only without
  // those that run.
  "memory.tight": ({ sites }, { pick, forMs }, { lasting }) => {
    const { machine, hive } = oneSite(sites, pick >> 2);
    machine.othersBytes = pick % 3 === 0 ? machine.totalBytes : Math.max(0, machine.freeBytes - MODEL_BYTES);
    machine.othersYieldMs = Math.min(forMs, 500);
    lasting(() => (machine.othersBytes = 0), PROGRAM_TIMES);
    return hive;
  },
  "hub.down": (cluster, _fault, { lasting }) => {
    for (const { models } of cluster.sites) models.isDown = true;
    lasting(() => {
      for (const { models } of cluster.sites) models.isDown = false;
    });
    return "hub";
  },
  "hub.cut": (cluster, { pick }) => {
    oneSite(cluster.sites, pick).models.cuts += 2;
    return "hub";
  },
  "hub.refuse": (cluster, { pick }) => {
    oneSite(cluster.sites, pick).models.refusals += 1;
    return "hub";
  },
  // A worker that runs has its file open; the next one that starts finds none.
  "model.lost": (cluster, { pick }) => {
    const model = one(["sim", "other", "large"], pick);
    oneSite(cluster.sites, pick >> 2).models.lose(model);
    return model;
  },
  "wire.delay": (cluster, _fault, { lasting }) => {
    cluster.world.setDelay([0, 300]);
    lasting(() => cluster.world.setDelay([0, 3]));
    return "all";
  },
  "wire.hold": toWire((cluster, from, to, { lasting }) => {
    cluster.world.hold(from, to);
    lasting(() => cluster.world.release(from, to));
  }),
  "wire.duplicate": (cluster, _fault, { lasting }) => {
    cluster.world.duplicates = 0.5;
    lasting(() => (cluster.world.duplicates = 0));
    return "all";
  },
  "wire.drop": toWire((cluster, from, to) => cluster.world.loseConnection(from, to)),
  // What is sent one way waits in vain, until the connection is given up.
  "wire.oneway": toWire((cluster, from, to, { lasting }) => {
    cluster.world.hold(from, to);
    lasting(() => {
      cluster.world.loseConnection(from, to);
      cluster.world.release(from, to);
    });
  }),
  "wire.cut": toWire((cluster, from, to, { lasting }) => {
    cluster.world.cut(from, to);
    lasting(() => cluster.healWire(from, to));
  }),
  "link.drop": toLink((link) => link.drop()),
  "link.cut": toLink((link, { lasting }) => {
    link.cut();
    lasting(() => link.heal());
  }),
  // It says so before and goes a moment later, or has been told twice.
  "link.leave": (cluster, fault, means) => {
    const { pick } = fault;
    const leave = (): void => cluster.link.leave();
    if (!cluster.link.isUp || pick % 4 !== 0) return toLink(leave)(cluster, fault, means);
    cluster.door.tell(QUEEN, { type: "hive.leaving", hive: "hive2/hive/main" } as { type: string });
    cluster.world.clock.after(Math.min(fault.forMs, LEAVING_MS_MAX), leave);
    return "link";
  },
  "disk.slow": toBee((cluster, bee, { lasting }) => {
    cluster.world.disk(bee).flushMs = 40;
    lasting(() => (cluster.world.disk(bee).flushMs = 0));
  }),
  "disk.full": toBee((cluster, bee, { lasting }) => {
    cluster.world.disk(bee).full = true;
    lasting(() => (cluster.world.disk(bee).full = false));
  }),
  "disk.refuse": toBee((cluster, bee) => (cluster.world.disk(bee).nextCommit = "refused")),
  "disk.deadly": toBee((cluster, bee) => (cluster.world.disk(bee).nextCommit = "deadly")),
  "clock.jump": (cluster, { pick, forMs }) => {
    cluster.world.clock.jump(pick % 2 === 0 ? forMs : -forMs);
    return pick % 2 === 0 ? "ahead" : "back";
  },
  "poison.queen": (cluster) => poison(cluster, QUEEN, { type: "hive.inventory" }),
  "poison.job": (cluster, { pick }) => {
    const cells = cluster.world.isUp("queen") ? [...cluster.world.host("queen").core.cells.keys()] : [];
    const job = one(
      cells.filter((at) => at.startsWith("queen/job/")),
      pick,
    );
    return job === ""
      ? ""
      : poison(cluster, job as typeof QUEEN, { type: "assigned", attempt: 1e6 } as { type: string });
  },
  "operator.stop": toWorker((cluster, worker) => {
    cluster.door.ask(QUEEN, { type: "stop.worker", worker } as { type: string }, 10_000, () => {});
  }),
  "operator.drain": (cluster, { pick }, { lasting }) => {
    const name = one(cluster.hives.map(nameOf), pick);
    tend(cluster, "drain.hive", name, 1);
    lasting(() => tend(cluster, "resume.hive", name, TRIES_MAX));
    return name;
  },
};

/** What a machine that is about to go has may end meanwhile. */
const LEAVING_MS_MAX = 1000;
/** Who tends a machine insists. */
const TRIES_MAX = 200;
const AGAIN_MS = 200;

function tend(cluster: SimCluster, type: "drain.hive" | "resume.hive", name: string, tries: number): void {
  cluster.door.ask(QUEEN, { type, name } as { type: string }, 10_000, (result) => {
    if (!result.ok && tries > 1) cluster.world.clock.after(AGAIN_MS, () => tend(cluster, type, name, tries - 1));
  });
}
