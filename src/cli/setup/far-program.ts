/**
 * The rbee that was installed on another machine, as a program that is run there and answers with one JSON object.
 *
 *  FP1 Its home, its models, its logs and what Node compiles lie in the folder of the installation, and nowhere else.
 *  FP2 A secret is read by it from its stdin: no list of processes shows it.
 *  FP3 What it answers is parsed by a schema; a failure of it is that failure here, with its code.
 *
 * @module
 */
import { z } from "zod";
import { type Running, type SshConnection } from "../../net/ssh/connection.ts";
import { lastWords } from "../../net/ssh/failure.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { errorFrom } from "../../protocol/heard-error.ts";

const failure = z.object({ error: z.object({ code: z.string().max(100), message: z.string().max(10_000) }) });

/** FP1: absolute, over there. */
export const farHome = (root: string): string => `${root}/home`;

export interface FarRun<Shape extends z.ZodType> extends Running {
  readonly root: string;
  readonly args: readonly string[];
  /** Of what it answers when it is done. */
  readonly shape: Shape;
}

/** @throws RbeeError what it fails with over there; setup.failed where it says nothing that could be understood */
export async function farRbee<Shape extends z.ZodType>(
  far: SshConnection,
  { root, args, shape, ...running }: FarRun<Shape>,
): Promise<z.infer<Shape>> {
  const home = [`RBEE_HOME=${farHome(root)}`, `NODE_COMPILE_CACHE=${root}/cache`];
  const program = [`${root}/current/node`, `${root}/current/bin/rbee.mjs`];
  const { code, stdout, stderr } = await far.run(["env", ...home, ...program, ...args, "--json"], running);
  const told = lastJson(stdout);
  const { data } = shape.safeParse(told);
  if (data !== undefined) return data;
  const failed = failure.safeParse(told).data;
  if (failed !== undefined) throw errorFrom(failed.error.code, `over there: ${lastWords(failed.error.message)}`);
  const words = lastWords(stderr) || lastWords(stdout) || "it said nothing";
  throw new RbeeError("setup.failed", `rbee ${args[0]} ended there with exit code ${code}: ${words}`);
}

/** A login may greet before it. */
function lastJson(stdout: string): unknown {
  try {
    return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  } catch {
    return undefined;
  }
}
