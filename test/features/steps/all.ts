/**
 * Every sentence that features may speak.
 *
 * @module
 */
/* oxlint-disable import/no-unassigned-import -- a file of steps says its sentences when it is loaded */
import "./answers.ts";
import "./commands.ts";
import "./ends.ts";
import "./jobs.ts";
import "./nodes.ts";
import "./requests.ts";
import "./workers.ts";

export { sentences } from "../world.ts";
