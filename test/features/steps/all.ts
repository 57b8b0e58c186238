/**
 * Every sentence that features may speak.
 *
 * @module
 */
/* oxlint-disable import/no-unassigned-import -- a file of steps says its sentences when it is loaded */
import "./answers.ts";
import "./clusters.ts";
import "./commands.ts";
import "./deadlines.ts";
import "./disks.ts";
import "./ends.ts";
import "./fetches.ts";
import "./health.ts";
import "./jobs.ts";
import "./keys.ts";
import "./loads.ts";
import "./logs.ts";
import "./machines.ts";
import "./metrics.ts";
import "./models.ts";
import "./nodes.ts";
import "./requests.ts";
import "./room.ts";
import "./secrets.ts";
import "./workers.ts";

export { sentences } from "../world.ts";
