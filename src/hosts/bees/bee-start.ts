/**
 * What each thread of a node is started with.
 *
 * Owns: the settings of every bee, from the configuration. Does not own: the threads (thread.ts).
 *
 * @module
 */
import { join } from "node:path";
import { hostOf } from "../../../machines/words.ts";
import type { TeamSettings } from "../../actors/team/calling.ts";
import { CREW } from "../../actors/team/crew.ts";
import type { Config } from "../../runtime/config/load.ts";
import type { Paths } from "../../runtime/config/paths.ts";
import type { BeeRole, BeeStart } from "./bee-messages.ts";
import { KILL_MS, STOP_MS } from "../porter/bounds.ts";
import { STARTER } from "../machine/machine.ts";
import { hiveOf, QUEEN } from "../porter/residents.ts";
import { DISK_HEADROOM_BYTES } from "../real/home-folder.ts";

/** Room that no download takes. */
const DISK_RESERVE_BYTES = 128 * 2 ** 20;
/** A download that gets no further for so long is given up; it goes on when it is asked for again. */
const PATIENCE_MS = 600_000;
/** A model that somebody has waited for so long goes before jobs of another one that came later. */
const CROWDED_MS = 30_000;
/** A worker that says nothing for so long hangs. */
const SILENT_MS = 5000;

/** Discussions that run at the same time. */
const DISCUSSIONS_MAX = 32;
/** A thinker that was not needed for so long goes; it comes again when it is. */
const THINKER_TTL_MS = 600_000;

export type TeamStart = Omit<TeamSettings, "crew">;

export interface BeesOf {
  readonly config: Config;
  readonly paths: Paths;
  /** The host of this machine's hive. */
  readonly hive: string;
  /** Nothing on a machine whose queen is elsewhere. */
  readonly team: TeamStart | undefined;
}

/** In the order in which they are started. */
export function beeStarts({ config, paths, hive, team }: BeesOf): readonly BeeStart[] {
  const startAs = (role: BeeRole, host: string): BeeStart => startOf(role, host, config, paths, team);
  if (team === undefined) return [startAs("hive", hive)];
  return [
    startAs("queen", hostOf(QUEEN)),
    startAs("hive", hive),
    startAs("store", "store"),
    startAs("thinkers", hostOf(CREW)),
  ];
}

const NO_TEAM: TeamStart = {
  frame: "",
  summarizer: { name: "summarizer", colour: "", hash: "", place: "local", body: "" },
};

function startOf(role: BeeRole, host: string, config: Config, paths: Paths, team: TeamStart = NO_TEAM): BeeStart {
  const { queue, job, worker, shutdown, memory, model } = config;
  return {
    role,
    host,
    journalPath: role === "thinkers" ? undefined : join(paths.state, `${host}.mdb`),
    headroomBytes: DISK_HEADROOM_BYTES,
    queen: {
      queueLengthMax: queue.lengthMax,
      jobDeadlineMs: job.deadlineMs,
      attemptsMax: job.attemptsMax,
      defaultModel: model.default ?? STARTER,
      hives: [hiveOf()],
      name: config.name,
      finishMs: shutdown.finishMs,
      stopMs: shutdown.stopWorkersMs + STOP_MS + KILL_MS,
      crowdedMs: CROWDED_MS,
      endpoints: Object.fromEntries(Object.entries(config.endpoints).map(([name, { privacy }]) => [name, privacy])),
    },
    hive: {
      queen: QUEEN,
      headroomBytes: memory.headroomBytes,
      gpu: worker.gpu,
      threads: worker.threads,
    },
    member: { leaseMs: config.queen.leaseMs },
    download: { diskReserveBytes: DISK_RESERVE_BYTES, patienceMs: PATIENCE_MS },
    process: {
      loadTimeoutMs: worker.loadTimeoutMs + SILENT_MS,
      stopTimeoutMs: STOP_MS,
      killTimeoutMs: KILL_MS,
      silentMs: SILENT_MS,
    },
    team: { ...team, crew: CREW, discussionsMax: DISCUSSIONS_MAX },
    thinker: { ttlMs: THINKER_TTL_MS },
    agent: { ttlMs: config.team.agentTtlMs },
  };
}
