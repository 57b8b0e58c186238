/**
 * Goal: FO1-FO2 of follow.ts: when a discussion is stopped, and what is waited for.
 * Method: a queen that tells recorded discussions, at the doors of a real node.
 */
import { describe, expect, test } from "vitest";
import { openClient } from "../../../../src/cli/client/client.ts";
import { follow } from "../../../../src/cli/session/follow.ts";
import { errorData, RbeeError } from "../../../../src/protocol/errors.ts";
import { playingQueen, type PlayingQueen } from "../../../support/playing-queen.ts";
import { DISCUSSION, opened, type Recorded } from "../../../support/recorded-log.ts";

const ENDLESS: readonly Recorded[] = [...DISCUSSION.slice(0, 8), { type: "until said" }, { type: "until said" }];
const STOP = { type: "order", order: { order: "stop" } };
const stopped = new RbeeError("interrupted", "it was stopped");

interface Followed {
  readonly queen: PlayingQueen;
  readonly heard: string[];
  /** `ended`, or the code of what was thrown. */
  readonly end: string;
}

/** Does it when somebody has contributed, or when it is begun. */
async function followed(
  request: string,
  does: (stop: AbortController, leave: AbortController) => void,
): Promise<Followed> {
  const queen = await playingQueen({ endless: ENDLESS, alone: [opened("alone"), ...ENDLESS.slice(1)] });
  const [stop, leave] = [new AbortController(), new AbortController()];
  const heard: string[] = [];
  const on = async ({ type }: { readonly type: string }): Promise<void> => {
    heard.push(type);
    if (type === "contributed") does(stop, leave);
  };
  const client = openClient({ url: new URL(queen.url), token: undefined });
  const end = await follow(
    client,
    { request },
    { stop: stop.signal, leave: leave.signal, accepted: () => {}, on },
  ).then(
    () => "ended",
    (error: unknown) => errorData(error).code,
  );
  return { queen, heard, end };
}

describe("following a discussion", () => {
  test("FO1 told to stop, it is stopped and what there is by then is waited for", async () => {
    const { queen, heard, end } = await followed("endless", (stop) => stop.abort(stopped));
    expect([end, heard.at(-1)]).toEqual(["ended", "final"]);
    expect(queen.said).toEqual([STOP]);
  });

  test("FO1 of the queen alone nothing is waited for: her words are said already", async () => {
    const { queen, heard, end } = await followed("alone", (stop) => stop.abort(stopped));
    expect([end, heard.at(-1)]).toEqual(["interrupted", "contributed"]);
    expect(queen.said).toEqual([STOP]);
  });

  test("FO2 whoever leaves stops it, and hears no more", async () => {
    const { queen, heard, end } = await followed("endless", (_, leave) => leave.abort(stopped));
    expect([end, heard.at(-1)]).toEqual(["interrupted", "contributed"]);
    expect(queen.said).toEqual([STOP]);
  });
});
