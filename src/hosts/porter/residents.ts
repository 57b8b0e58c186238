/**
 * Who lives in a node, and where: the addresses that everybody around them knows.
 *
 * @module
 */
import { address, type Address } from "../../../machines/words.ts";

export const QUEEN: Address = address("queen", "queen", "main");

/** Of the team's thread. */
export const LIBRARY: Address = address("store", "library", "main");

/** The hive of the queen's own machine; any other bears the name of its machine. */
export const hiveOf = (machine?: string): Address =>
  address(machine === undefined ? "hive" : `hive@${machine}`, "hive", "main");
