/**
 * What the thread of the team's memory runs: the library, each agent, each discussion, and what is known.
 *
 * @module
 */
import { agentBehaviour } from "../../../actors/team/agent.ts";
import { discussionBehaviour } from "../../../actors/team/discussion.ts";
import { knowledgeBehaviour } from "../../../actors/team/knowledge.ts";
import { libraryBehaviour } from "../../../actors/team/library.ts";
import { storeTables } from "../../../actors/team/tables.ts";
import type { Role } from "./role.ts";

export const store: Role = (start) => ({
  roots: ["library", "knowledge"],
  behaviours: [
    libraryBehaviour(start.team),
    agentBehaviour(start.agent),
    knowledgeBehaviour(),
    discussionBehaviour(start.team),
  ],
  tables: storeTables,
});
