/**
 * `rbee token create|list|revoke`.
 *
 * @module
 */
import type { TokenView } from "../../protocol/cluster-api.ts";
import { queenOf } from "../session/attach.ts";
import { tellFacts } from "../facts.ts";
import type { RunCommand } from "../run.ts";
import { table } from "../terminal/table.ts";

/** The token alone on stdout, so that a script can pass it on. */
export const create: RunCommand = async (run) => {
  const { token, ...told } = await (await queenOf(run)).createToken(run.options.text("--host"));
  run.output.say(`One machine that reaches ${told.url} may join with it, until ${told.endsAt}: rbee join TOKEN`);
  return tellFacts(run, { token, ...told }, `${token}\n`);
};

export const list: RunCommand = async (run) => {
  const tokens = await (await queenOf(run)).tokens();
  return tellFacts(run, { tokens }, tokens.length === 0 ? "no join tokens\n" : tokensText(tokens));
};

export const revoke: RunCommand = async (run) => {
  const [id = ""] = run.args;
  await (await queenOf(run)).revokeToken(id);
  return tellFacts(run, { id, state: "revoked" }, `${id} revoked\n`);
};

const tokensText = (tokens: readonly TokenView[]): string =>
  table([
    ["ID", "STATE", "UNTIL", "MACHINE"],
    ...tokens.map(({ id, state, endsAt, spentBy }) => [id, state, endsAt, spentBy ?? "-"]),
  ]);
