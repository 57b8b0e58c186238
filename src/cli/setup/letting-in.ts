/**
 * Making a machine that rbee was put on a member of the cluster whose queen is here.
 *
 *  LI1 The token goes over SSH into the stdin of `rbee join` there, and stands in no argument and no file.
 *  LI2 A queen that only this machine reaches is told before anything is sent.
 *
 * @module
 */
import { z } from "zod";
import type { SshConnection } from "../../net/ssh/connection.ts";
import { errorData, RbeeError } from "../../protocol/errors.ts";
import { isLoopback } from "../../protocol/loopback.ts";
import type { Client } from "../client/client.ts";
import type { FarMachine } from "./far-machine.ts";
import { farRbee } from "./far-program.ts";

const joinedShape = z.object({ name: z.string().max(100), queen: z.string().max(100), url: z.string().max(500) });

/** LI2. @throws RbeeError setup.queen.local */
export function checkReachable(queenUrl: string, { seen }: Pick<FarMachine, "seen">): void {
  const host = new URL(queenUrl).hostname.replace(/^\[(.*)\]$/, "$1");
  if (seen === undefined || isLoopback(seen.there) || !isLoopback(host)) return;
  throw new RbeeError("setup.queen.local", `the queen listens at ${queenUrl}, which only this machine reaches`);
}

/** LI1. @throws RbeeError what `rbee join` fails with over there */
export async function letIn(far: SshConnection, client: Client, machine: FarMachine, name: string): Promise<void> {
  const token = await tokenFor(client, machine.seen?.here);
  const { root } = machine;
  await farRbee(far, {
    root,
    args: ["join", "--stdin", "--register", "--name", name],
    shape: joinedShape,
    input: `${token}\n`,
  });
}

/** By the address at which that machine sees this one, where the queen is called so. */
async function tokenFor(client: Client, host: string | undefined): Promise<string> {
  try {
    return (await client.createToken(host)).token;
  } catch (error) {
    if (host === undefined || errorData(error).code !== "request.invalid") throw error;
    return (await client.createToken(undefined)).token;
  }
}
