/**
 * What the hive's thread runs: itself, its worker processes, and what it downloads.
 *
 * @module
 */
import { hiveBehaviour } from "../../../actors/hive/behaviour.ts";
import { downloadBehaviour } from "../../../actors/hive/download.ts";
import { processBehaviour } from "../../../actors/hive/process.ts";
import { hiveTables } from "../../../actors/hive/tables.ts";
import type { Role } from "./role.ts";

export const hive: Role = (start) => ({
  roots: ["hive"],
  behaviours: [hiveBehaviour(start.hive), processBehaviour(start.process), downloadBehaviour(start.download)],
  tables: hiveTables,
});
