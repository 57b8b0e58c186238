/**
 * Every mutant, by the room of the house that it is planted in.
 *
 * @module
 */
import { afar } from "./afar.ts";
import { bees } from "./bees.ts";
import { cluster } from "./cluster.ts";
import { clients } from "./clients.ts";
import { doors } from "./doors.ts";
import { houseDoors } from "./doors-house.ts";
import { officialShapes } from "./doors-official.ts";
import { ollamaDialect } from "./doors-ollama.ts";
import { downloads } from "./downloads.ts";
import { entrance } from "./entrance.ts";
import { health } from "./health.ts";
import { journal } from "./journal.ts";
import { keeper } from "./keeper.ts";
import { kernelDelivery } from "./kernel-delivery.ts";
import { kernelFailure } from "./kernel-failure.ts";
import { kernelRestart } from "./kernel-restart.ts";
import { kernelRoom } from "./kernel-room.ts";
import { kernelSteps } from "./kernel-steps.ts";
import { keys } from "./keys.ts";
import { knowing } from "./knowing.ts";
import { linksCarry } from "./links-carry.ts";
import { links } from "./links.ts";
import { machinesOfTheHouse } from "./machines-house.ts";
import { machinesOfWork } from "./machines-work.ts";
import type { Mutant } from "./mutant.ts";
import { members } from "./members.ts";
import { memory } from "./memory.ts";
import { memoryOfModels } from "./memory-rules.ts";
import { net } from "./net.ts";
import { openapi } from "./openapi.ts";
import { placing } from "./placing.ts";
import { queen } from "./queen.ts";
import { remote } from "./remote.ts";
import { remoteCalls } from "./remote-calls.ts";
import { returns } from "./returns.ts";
import { rules } from "./rules.ts";
import { secrets } from "./secrets.ts";
import { setup } from "./setup.ts";
import { shortlist } from "./shortlist.ts";
import { strangers } from "./strangers.ts";
import { oldTeam } from "./team-old.ts";
import { team } from "./team.ts";
import { starter } from "./starter.ts";
import { teamActors } from "./team-actors.ts";
import { teamKnows } from "./team-knows.ts";
import { teamHosts } from "./team-hosts.ts";
import { teamShelf } from "./team-shelf.ts";
import { terminal } from "./terminal.ts";
import { thinkers } from "./thinkers.ts";
import { thinking } from "./thinking.ts";
import { worth } from "./worth.ts";

export const ROOMS: Readonly<Record<string, readonly Mutant[]>> = {
  kernel: [...kernelDelivery, ...kernelRoom, ...kernelFailure, ...kernelRestart, ...kernelSteps, ...journal],
  machines: [...machinesOfWork, ...machinesOfTheHouse],
  rules,
  downloads,
  actors: [...queen, ...bees],
  memory: [...memoryOfModels, ...memory],
  net,
  afar: [...afar, ...returns],
  placing: [...placing, ...shortlist],
  links: [...links, ...linksCarry],
  remote: [...remote, ...remoteCalls],
  health,
  keeper,
  knowing,
  doors: [...doors, ...clients, ...officialShapes, ...ollamaDialect, ...openapi, ...houseDoors],
  keys: [...keys, ...secrets],
  strangers,
  cluster: [...cluster, ...entrance, ...members],
  setup,
  thinking: [...thinking, ...thinkers],
  team: [...oldTeam, ...team, ...teamActors, ...teamHosts, ...teamShelf, ...starter],
  known: teamKnows,
  terminal,
  worth,
};
