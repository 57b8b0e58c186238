/**
 * `rbee completion bash|zsh|fish`: the script that completes rbee's words, to be read by the shell.
 *
 * @module
 */
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { zshCompletion } from "../completion/zsh.ts";
import { refuse } from "../options.ts";
import type { RunCommand } from "../run.ts";

const SHELLS = new Map([
  ["bash", bashCompletion],
  ["zsh", zshCompletion],
  ["fish", fishCompletion],
]);

export const completion: RunCommand = async ({ args: [shell = ""], output }) => {
  const script = SHELLS.get(shell) ?? refuse(`completion takes ${[...SHELLS.keys()].join(", ")}, not ${shell}`);
  await output.data(script());
  return 0;
};
