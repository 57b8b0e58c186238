/**
 * A process of many simulated hives: told who they are, then when and whom to join, it tells when all of them have.
 *
 * @module
 */
import { FleetHive, type SimulatedHive } from "./fleet-hive.ts";

export type ToHives =
  | { readonly kind: "hives"; readonly hives: readonly SimulatedHive[] }
  | { readonly kind: "join"; readonly url: string };

export type HivesNews =
  | { readonly kind: "made" }
  /** Each for the first time. */
  | { readonly kind: "joined" }
  | { readonly kind: "lost"; readonly hive: string; readonly why: string };

const say = (news: HivesNews): void => void process.send?.(news);

let hives: readonly FleetHive[] = [];
process.on("message", (message: ToHives) => {
  if (message.kind === "join") return join(message.url);
  let away = message.hives.length;
  hives = message.hives.map((hive) => {
    const joined = (): void => {
      away -= 1;
      if (away === 0) say({ kind: "joined" });
    };
    return new FleetHive(hive, { joined, lost: (why) => say({ kind: "lost", hive: hive.name, why }) });
  });
  say({ kind: "made" });
});

function join(url: string): void {
  for (const hive of hives) hive.join(url);
}

// Whoever started this is gone.
process.once("disconnect", () => process.exit());
