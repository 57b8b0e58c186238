/**
 * What the thread of the discussions runs: the library, and each discussion.
 *
 * @module
 */
import { discussionBehaviour } from "../../actors/team/discussion.ts";
import { libraryBehaviour } from "../../actors/team/library.ts";
import { storeTables } from "../../actors/team/tables.ts";
import type { Role } from "./role.ts";

export const store: Role = (start) => ({
  root: "library",
  behaviours: [libraryBehaviour(start.team), discussionBehaviour(start.team)],
  tables: storeTables,
});
