/**
 * What the ports that measure and fetch may answer: how each question succeeds, and each way it may fail.
 *
 * @module
 */
import type { ErrorCode } from "../../src/protocol/errors.ts";
import type { MachineAsk, ModelsAsk } from "../../src/protocol/ports.ts";
import type { Message } from "../../src/runtime/envelope.ts";

export type PortAsk = MachineAsk | ModelsAsk;

export interface PortAnswer {
  readonly told: string;
  readonly event: Message;
}

export interface PortFailure {
  readonly told: string;
  readonly code: ErrorCode;
}

/** Two workers have room, a third has not. */
const NEED_BYTES = 2;
const ROOM_BYTES = 5;

const answer = (told: string, event: { readonly type: string; readonly [field: string]: unknown }): PortAnswer => ({
  told,
  event,
});

export function successOf(ask: PortAsk): PortAnswer {
  switch (ask.type) {
    case "measure":
      return answer(`${ask.worker} is measured`, measured(ask));
    case "weigh": {
      const { worker, profile } = ask;
      return answer(`${worker} is weighed`, { type: "weighed", worker, profile, peakBytes: 0, devices: [] });
    }
    case "look":
      return answer(`memory of ${ask.worker} is looked for`, { type: "looked", worker: ask.worker, devices: [] });
    case "lookout":
      return answer("other programs leave memory", { type: "memory.came", key: ask.key });
    case "resolve":
      return answer("the hub says what it means", { type: "resolved", plan: { name: "m", files: [] } });
    case "room":
      return answer("room is measured", { type: "room.measured", toComeBytes: 1, othersBytes: 0, freeBytes: 1 });
    case "fetch":
      return answer("all of it is fetched", { type: "fetched" });
    case "check":
      return answer("it is what it should be", { type: "checked" });
    case "remove":
      return answer("it is removed", { type: "removed", key: ask.key, bytes: 1 });
  }
}

function measured({ worker, running }: Extract<MachineAsk, { type: "measure" }>) {
  const needs = { weightsBytes: NEED_BYTES, cacheBytes: 0, bufferBytes: 0, processBytes: 0, perTokenBytes: 0 };
  const tokens = { contextTokens: 1, askedTokens: 1, trainedTokens: 1 };
  return {
    type: "measured",
    worker,
    path: "/m",
    profile: "m",
    needs: { ...needs, ...tokens },
    devices: [{ id: "cpu", kind: "cpu", totalBytes: ROOM_BYTES, freeBytes: ROOM_BYTES }],
    cores: 1,
    held: running.map((each) => ({ worker: each.worker, takenBytes: 0, peakBytes: 0 })),
  };
}

export function failuresOf(ask: PortAsk): readonly PortFailure[] {
  switch (ask.type) {
    case "measure":
      return [
        { told: `the model of ${ask.worker} is not found`, code: "model.not.found" },
        { told: `the model of ${ask.worker} is not here yet`, code: "model.absent" },
      ];
    case "weigh":
    case "look":
    case "lookout":
      return [];
    case "resolve":
    case "room":
    case "fetch":
    case "check":
    case "remove":
      return [
        { told: `to ${ask.type} fails, and may pass`, code: "hub.unreachable" },
        { told: `to ${ask.type} fails for good`, code: ask.type === "check" ? "download.corrupt" : "hub.refused" },
      ];
  }
}
