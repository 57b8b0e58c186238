/**
 * Loaded into a node under test with NODE_OPTIONS=--import, in each of its threads: of its link it is a program of the
 * version before. It says so in its hello, and what the latest version brought it cannot read. The program itself knows
 * nothing of this. Whoever raises the version says here what the one before does not know.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

const OLDER_VARIABLE = "LINK_OLDER";

interface Change {
  readonly file: string;
  /** Once in the file. */
  readonly find: RegExp;
  readonly replace: string;
}

const CHANGES: readonly Change[] = [
  { file: "/src/net/link/hello.ts", find: /VERSIONS = \{ min: 1, max: 2 \}/, replace: "VERSIONS = { min: 1, max: 1 }" },
  // Mail in runs: to a program of version 1 it is no mail.
  { file: "/src/net/link/mail.ts", find: /return isRun\(value\);/, replace: "return false;" },
  { file: "/src/protocol/machine-api.ts", find: /z\.object\(\{ type: z\.literal\("info"\),.*\n/, replace: "" },
];

/** Of a node that is to be of that version. @param env what it is given beside */
export const older = (env: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
  ...env,
  NODE_OPTIONS: [`--import=${import.meta.url}`, env["NODE_OPTIONS"] ?? ""].join(" ").trim(),
  [OLDER_VARIABLE]: "1",
});

if (process.env[OLDER_VARIABLE] !== undefined) {
  registerHooks({
    load(url, context, nextLoad) {
      const change = CHANGES.find(({ file }) => url.endsWith(file));
      const loaded = nextLoad(url, context);
      return change === undefined ? loaded : { ...loaded, source: changed(readFileSync(new URL(url), "utf8"), change) };
    },
  });
}

function changed(source: string, { file, find, replace }: Change): string {
  if (!find.test(source)) throw new Error(`${file} has become another, and nobody said what an older one is like`);
  return source.replace(find, replace);
}
