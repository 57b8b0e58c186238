/**
 * What a node's door asks about the machines of the cluster, put to the queen who lets them in and to each itself.
 *
 *  MH1 A machine is asked over its link; where there is none, that is said and nothing is made up.
 *  MH3 How a machine stands is said in the words of the node's status.
 *
 * @module
 */
import type { MachinesSeat } from "../../doors/machines.ts";
import type { HiveView, StatusView } from "../../protocol/api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import type { AnswerTo, MachineView, Question } from "../../protocol/machine-api.ts";
import type { Cluster } from "../cluster/cluster.ts";

/** Asks a machine of itself, wherever it is. @throws RbeeError machine.away, ask.deadline, or its own refusal */
export type AskMachine = <Type extends Question["type"]>(
  machine: string,
  asked: Extract<Question, { type: Type }>,
  ms?: number,
) => Promise<AnswerTo<Type>>;

export interface MachinesFacts {
  /** Of the queen's own machine. */
  readonly name: string;
  readonly status: () => Promise<StatusView>;
  readonly cluster: Pick<Cluster, "machines" | "remove">;
  readonly ask: AskMachine;
}

/** @param node the queen's own where it is not given @throws RbeeError hive.unknown */
export async function machineNamed(
  { name, status }: Pick<MachinesFacts, "name" | "status">,
  node: string | undefined,
): Promise<string> {
  return node === undefined || node === name ? name : (await machineIn({ status }, node)).name;
}

/** @throws RbeeError hive.unknown */
export async function machineIn({ status }: Pick<MachinesFacts, "status">, node: string): Promise<HiveView> {
  const found = (await status()).hives.find(({ name }) => name === node);
  if (found === undefined) throw new RbeeError("hive.unknown", `there is no machine ${node} in the cluster`);
  return found;
}

export function machinesSeat({ name, status, cluster, ask }: MachinesFacts): MachinesSeat {
  const named = (node: string | undefined): Promise<string> => machineNamed({ name, status }, node);
  return {
    async list() {
      const [{ hives }, rows] = await Promise.all([status(), cluster.machines()]);
      const joined = new Map(rows.flatMap((row) => (row.removedAt === undefined ? [[row.name, row]] : [])));
      const there = hives.map((hive): MachineView => {
        const row = joined.get(hive.name);
        joined.delete(hive.name);
        return {
          name: hive.name,
          state: hive.state,
          isQueens: hive.name === name,
          host: hive.host,
          version: hive.version,
          workers: hive.workers.length,
          ...(row && { joinedAt: dayOf(row.joinedAt) }),
        };
      });
      const nothing = { isQueens: false, host: "", version: "", workers: 0 };
      const never = [...joined.values()].map((row): MachineView => {
        return { ...nothing, name: row.name, state: "away", joinedAt: dayOf(row.joinedAt) };
      });
      const removed = rows.flatMap(({ removedAt, ...row }): readonly MachineView[] => {
        if (removedAt === undefined) return [];
        const times = { joinedAt: dayOf(row.joinedAt), removedAt: dayOf(removedAt) };
        return [{ ...nothing, name: row.name, state: "removed", ...times }];
      });
      return [...there, ...never, ...removed];
    },
    remove: (machine) => cluster.remove(machine),
    detect: async (node) => ask(await named(node), { type: "detect" }),
    async logs({ node, ...asked }) {
      const { worker } = asked;
      const { hives } = await status();
      const its = hives.find(({ workers }) => workers.some(({ id }) => id === worker))?.name;
      const machine = await named(node ?? its);
      return { worker, node: machine, ...(await ask(machine, { type: "logs", ...asked })) };
    },
  };
}

const dayOf = (atMs: number): string => new Date(atMs).toISOString();
