/**
 * The version of this rbee, as package.json has it; a test holds the two equal.
 *
 * @module
 */
export const RBEE_VERSION = "0.1.0";
