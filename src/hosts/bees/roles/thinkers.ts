/**
 * What the thread of the thinkers runs: the crew, and each specialist.
 *
 * @module
 */
import { crewBehaviour } from "../../../actors/team/crew.ts";
import { specialistBehaviour } from "../../../actors/team/specialist.ts";
import { thinkersTables } from "../../../actors/team/tables.ts";
import type { Role } from "./role.ts";

export const thinkers: Role = (start) => ({
  roots: ["crew"],
  behaviours: [crewBehaviour(), specialistBehaviour(start.thinker)],
  tables: thinkersTables,
});
