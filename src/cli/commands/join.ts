/**
 * `rbee join [TOKEN]`: this machine's part of a cluster whose queen is elsewhere, in the foreground, until a signal.
 *
 *  JN1 A token is spent once; from then on the machine is known by its certificate, and joins without one.
 *
 * @module
 */
import { startMember } from "../../hosts/member-node.ts";
import { becomeMember, keepMembership, readMembership } from "../../hosts/cluster/membership.ts";
import { readToken } from "../../net/authority/join-token.ts";
import type { Membership } from "../../net/authority/join.ts";
import { errorData } from "../../protocol/errors.ts";
import { loadConfig } from "../../runtime/config/load.ts";
import { refuse } from "../options.ts";
import type { Run, RunCommand } from "../run.ts";
import { flagsFrom, serveUntilEnded } from "./node.ts";

export const join: RunCommand = (run) => joinBy(run, run.args[0]);

export async function joinBy(run: Run, token: string | undefined): Promise<number> {
  const { options, output, env, cwd } = run;
  const { config, paths } = loadConfig({ flags: flagsFrom(options), env, cwd });
  const member =
    token === undefined
      ? await renewed(paths.home, readMembership(paths.home), output.say)
      : await becomeMember(paths.home, config.name, readToken(token));
  return serveUntilEnded(run, await startMember({ config, paths, member, log: output.say }));
}

async function renewed(home: string, member: Membership | undefined, say: (line: string) => void): Promise<Membership> {
  if (member === undefined)
    refuse("this machine has joined no cluster yet: `rbee token create` on the queen's tells how");
  try {
    return await keepMembership(home, member, Date.now());
  } catch (thrown) {
    say(`the certificate could not be renewed, the old one is shown: ${errorData(thrown).message}`);
    return member;
  }
}
