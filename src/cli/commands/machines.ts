/**
 * `rbee machines`: the state machines of the cluster, as pictures made from their definitions.
 *
 * @module
 */
import { nearest } from "../../runtime/config/nearest.ts";
import { refuse } from "../options.ts";
import type { RunCommand } from "../run.ts";

export const machines: RunCommand = async ({ args, options, output }) => {
  const { machineNames, picture } = await import("../../actors/pictures.ts");
  const format = options.oneOf("--format", ["mermaid", "svg", "json"]);
  const [name] = args;
  if (name !== undefined) {
    if (!machineNames.includes(name))
      refuse(`there is no machine ${name}; the nearest is ${nearest(name, machineNames)}`);
    await output.data(ended(picture(name, format)));
  } else if (format === "mermaid") {
    for (const each of machineNames) await output.data(`%% ${each}\n${ended(picture(each, format))}`);
  } else if (format === "json") {
    const drawn = machineNames.map((each): [string, unknown] => [each, JSON.parse(picture(each, format))]);
    await output.data(`${JSON.stringify({ schemaVersion: 1, machines: Object.fromEntries(drawn) })}\n`);
  } else {
    refuse(`--format svg draws one machine; name one of ${machineNames.join(", ")}`);
  }
  return 0;
};

const ended = (text: string): string => (text.endsWith("\n") ? text : `${text}\n`);
