/**
 * Which addresses only this machine reaches.
 *
 * @module
 */
const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/;

/** Whether what listens at this address hears this machine alone. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host.toLowerCase());
