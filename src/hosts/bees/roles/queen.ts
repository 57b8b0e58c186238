/**
 * What the queen's thread runs: herself, each machine of hers, and each job.
 *
 * @module
 */
import { jobBehaviour } from "../../../actors/job/behaviour.ts";
import { jobTables } from "../../../actors/job/tables.ts";
import { memberBehaviour } from "../../../actors/member/behaviour.ts";
import { queenBehaviour } from "../../../actors/queen/behaviour.ts";
import { queenTables } from "../../../actors/queen/tables.ts";
import type { Role } from "./role.ts";

export const queen: Role = (start) => ({
  roots: ["queen"],
  behaviours: [queenBehaviour(start.queen), memberBehaviour(start.member), jobBehaviour()],
  tables: [...queenTables, ...jobTables],
});
