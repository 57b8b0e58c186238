/**
 * Gives every property of the run the same seed, which the reporter prints and RBEE_SEED fixes.
 *
 * @module
 */
import { configureGlobal, readConfigureGlobal } from "fast-check";

configureGlobal({ ...readConfigureGlobal(), seed: Number(process.env["RBEE_SEED"]) });
