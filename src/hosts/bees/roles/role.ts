/**
 * What a role is: its root cells, what its cells do, and the tables they share. Each is a module of its own, so that a
 * thread loads what it runs and nothing of the others.
 *
 * @module
 */
import type { HostOptions } from "../../../runtime/core.ts";
import type { BeeLife } from "../bee-messages.ts";

export type Role = (
  start: BeeLife,
) => Pick<HostOptions, "behaviours" | "tables"> & { readonly roots: readonly string[] };
