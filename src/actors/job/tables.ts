/**
 * The jobs' own table: what a job had said before its attempt was lost, for the next attempt to go on behind it.
 *
 * @module
 */
import type { Said } from "../../../machines/job.ts";
import { table } from "../../runtime/tables.ts";

export const progress = table<Said>({ name: "progress", owner: "job" });

export const jobTables = [progress];
