/**
 * `rbee join [TOKEN]`: this machine's part of a cluster whose queen is elsewhere, in the foreground, until a signal.
 *
 *  JN1 A token is spent once; from then on the machine is known by its certificate, and joins without one.
 *  JN2 A token may come through stdin, which no list of processes shows.
 *
 * @module
 */
import { startMember } from "../../hosts/member-node.ts";
import { prepareHome } from "../../hosts/real/home-folder.ts";
import { becomeMember, keepMembership, readMembership } from "../../hosts/cluster/membership.ts";
import { readToken } from "../../net/authority/join-token.ts";
import type { Membership } from "../../net/authority/join.ts";
import { errorData } from "../../protocol/errors.ts";
import { type LoadedConfig, loadConfig } from "../../runtime/config/load.ts";
import { tellFacts } from "../facts.ts";
import { refuse } from "../options.ts";
import type { Run, RunCommand } from "../run.ts";
import { flagsFrom, serveUntilEnded } from "../session/serving.ts";

const TOKEN_LETTERS_MAX = 1_000;

export const join: RunCommand = async (run) => {
  const token = run.options.on("--stdin") ? await tokenFromStdin() : run.args[0];
  return run.options.on("--register") ? register(run, token ?? refuse("--register needs a token")) : joinBy(run, token);
};

/** JN2. */
async function tokenFromStdin(): Promise<string> {
  let text = "";
  for await (const piece of process.stdin.setEncoding("utf8")) {
    text += String(piece);
    if (text.length > TOKEN_LETTERS_MAX) break;
  }
  return text;
}

/** Known there from now on; `rbee join` serves when it is wanted. */
async function register(run: Run, token: string): Promise<number> {
  const { config, paths } = configOf(run);
  const notice = prepareHome(paths.home);
  if (notice !== undefined) run.output.say(notice);
  const { name, queen, url } = await becomeMember(paths.home, config.name, readToken(token));
  return tellFacts(run, { name, queen, url }, `${name} has joined the cluster of ${queen} at ${url}\n`);
}

function configOf({ options, env, cwd }: Run): LoadedConfig {
  return loadConfig({ flags: flagsFrom(options), env, cwd });
}

export async function joinBy(run: Run, token: string | undefined): Promise<number> {
  const { options, output } = run;
  const endsWithQueen = options.oneOf("--queen-gone", ["wait", "end"]) === "end";
  const { config, paths } = configOf(run);
  const member =
    token === undefined
      ? await renewed(paths.home, readMembership(paths.home), output.say)
      : await becomeMember(paths.home, config.name, readToken(token));
  return serveUntilEnded(run, await startMember({ config, paths, member, endsWithQueen, log: output.say }));
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
