/**
 * Labels and their order: who may see a thing, from the most public to the most secret.
 *
 * Owns: which of two labels is the more private. Does not own: what carries which, or what anybody is allowed.
 *
 *  LB1 A thing goes only where things of its label, or of a more private one, may go.
 *
 * @module
 */
import type { Label } from "../words.ts";

/** From the most public to the most secret. */
export const LABELS = ["public", "internal", "private", "secret"] as const satisfies readonly Label[];

/** LB1. */
export const mayGo = (label: Label, upTo: Label): boolean => LABELS.indexOf(label) <= LABELS.indexOf(upTo);
