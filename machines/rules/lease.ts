/**
 * What follows from a lease: for how long a hive and its queen on another machine believe in each other.
 *
 * Owns: the proportions. Does not own: the lease itself, which is the queen's setting and comes with her word.
 *
 *  LE1 A hive that hears nothing of its queen lets go of its work within lease and grace, and she expects nothing of it
 *      for longer: what she revives after a restart of her own is what may still run.
 *  LE2 A lease is renewed while two of its renewals may still be lost.
 *  LE3 A machine whose link broke is waited for before its work goes elsewhere, for less than its grace.
 *
 * @module
 */
export const renewMs = (leaseMs: number): number => Math.floor(leaseMs / 3);

/** A hive works on by itself for so long when the link to her is gone: a restart of hers fits into it. */
export const graceMs = (leaseMs: number): number => Math.floor(leaseMs / 2);

/** Her jobs go on elsewhere when the link of a hive has been gone for so long. */
export const returnMs = (leaseMs: number): number => Math.floor(leaseMs / 5);

/** LE1. After that a hive that is not heard of has let go. */
export const letGoMs = (leaseMs: number): number => leaseMs + graceMs(leaseMs);
