/**
 * How long a worker may take to end, whoever wants it to: what every promise about ends is made of.
 *
 * @module
 */
/** From being asked to end until SIGTERM. */
export const STOP_MS = 4000;
/** From SIGTERM until SIGKILL. */
export const KILL_MS = 2000;
/** From SIGKILL until its processes are gone: what the kernel takes, and a node that is busy meanwhile. */
export const REAP_MS = 500;
