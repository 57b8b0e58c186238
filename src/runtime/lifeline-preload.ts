/**
 * Loaded with `--import` before the program of a child, so that the child is watched before its own imports, which may
 * take long, are even read. Does nothing in a process that was announced no lifeline. See lifeline.ts.
 *
 * @module
 */
import { holdInheritedLifeline } from "./lifeline.ts";

holdInheritedLifeline();
