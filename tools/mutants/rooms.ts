/**
 * Every mutant, by the room of the house that it is planted in.
 *
 * @module
 */
import { bees } from "./bees.ts";
import { kernelDelivery } from "./kernel-delivery.ts";
import { kernelFailure } from "./kernel-failure.ts";
import { kernelRestart } from "./kernel-restart.ts";
import { kernelRoom } from "./kernel-room.ts";
import { machinesOfTheHouse } from "./machines-house.ts";
import { machinesOfWork } from "./machines-work.ts";
import type { Mutant } from "./mutant.ts";
import { net } from "./net.ts";
import { queen } from "./queen.ts";
import { rules } from "./rules.ts";

export const ROOMS: Readonly<Record<string, readonly Mutant[]>> = {
  kernel: [...kernelDelivery, ...kernelRoom, ...kernelFailure, ...kernelRestart],
  machines: [...machinesOfWork, ...machinesOfTheHouse],
  rules,
  actors: [...queen, ...bees],
  net,
};
