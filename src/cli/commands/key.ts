/**
 * `rbee key create|list|revoke`.
 *
 * @module
 */
import { keyLimit, keyName, type KeyView } from "../../protocol/key-api.ts";
import { queenOf } from "../session/attach.ts";
import { tellFacts } from "../facts.ts";
import { refuse } from "../options.ts";
import type { RunCommand } from "../run.ts";
import { table } from "../terminal/table.ts";

/** The key alone on stdout, so that a script can keep it. It is told this once. */
export const create: RunCommand = async (run) => {
  const name = checked(keyName, "--name", run.options.required("--name"));
  const limits = (run.options.text("--limit") ?? "").split(",").filter((limit) => limit !== "");
  for (const limit of limits) checked(keyLimit, "--limit", limit);
  const { key } = await (await queenOf(run)).createKey({ name, limits });
  run.output.say(`The key of ${name} is told this once. A program sends it as \`Authorization: Bearer KEY\`.`);
  return tellFacts(run, { name, key }, `${key}\n`);
};

export const list: RunCommand = async (run) => {
  const keys = await (await queenOf(run)).keys();
  return tellFacts(run, { keys }, keys.length === 0 ? "no keys\n" : keysText(keys));
};

export const revoke: RunCommand = async (run) => {
  const [name = ""] = run.args;
  await (await queenOf(run)).revokeKey(name);
  return tellFacts(run, { name, state: "revoked" }, `${name} revoked\n`);
};

interface Checker {
  safeParse(value: string): { readonly success: boolean; readonly error?: { readonly issues: { message: string }[] } };
}

function checked(schema: Checker, flag: string, value: string): string {
  const { error } = schema.safeParse(value);
  return error === undefined
    ? value
    : refuse(`${flag} takes ${error.issues[0]?.message}, not ${JSON.stringify(value)}`);
}

const keysText = (keys: readonly KeyView[]): string =>
  table([
    ["NAME", "ID", "LIMITS", "TODAY", "IN ALL"],
    ...keys.map(({ name, id, limits, today, total }) => [
      name,
      id,
      limits.join(",") || "-",
      usageText(today),
      usageText(total),
    ]),
  ]);

const usageText = ({ requests, tokensIn, tokensOut }: KeyView["today"]): string =>
  `${requests} requests, ${tokensIn} tokens in, ${tokensOut} out`;
