/**
 * The machines of a queen's cluster as her node has them: a link for each that is there, and what any of them is asked.
 *
 * Owns: that there are links from the first machine that comes, and who answers a question to a machine: this one
 * itself, another over its link, or nobody. Does not own: who may come (cluster.ts), what goes over a link (links.ts).
 *
 * @module
 */
import { clusterOf } from "../../net/authority/identity.ts";
import { sayTerm, type Term } from "../../net/authority/term.ts";
import { acceptUpgrade, socketOver } from "../../net/link/over-ws.ts";
import type { Upgrade } from "../../net/upgrades.ts";
import type { ErrorData } from "../../protocol/errors.ts";
import type { Porter } from "../porter/porter.ts";
import type { AskMachine } from "../seats/machines-seat.ts";
import { answersOf } from "./answers.ts";
import type { Authority } from "./authority.ts";
import type { Cluster } from "./cluster.ts";
import type { LinkWords } from "./link-words.ts";
import { Links } from "./links.ts";
import { answeredHere, away } from "./questions.ts";
import { QueenSide } from "./queen-side.ts";
import { superseded, Terms } from "./terms.ts";

export interface MachinesFacts {
  readonly porter: Porter;
  /** This machine's name. */
  readonly name: string;
  readonly instance: string;
  readonly words: LinkWords;
  /** Known once the queen is at work. */
  readonly term: () => Term;
  readonly own: Parameters<typeof answersOf>[1];
  /** Another queen of this cluster has the later term. */
  readonly superseded: (error: ErrorData) => void;
}

export interface ClusterParts {
  readonly authority: Authority;
  readonly cluster: Cluster;
}

export class Machines {
  readonly #facts: MachinesFacts;
  #links: Links<QueenSide> | undefined;

  constructor(facts: MachinesFacts) {
    this.#facts = facts;
  }

  /** Those that are there now, without this one. */
  get linked(): readonly string[] {
    return this.#links?.linked ?? [];
  }

  factsOf(machine: string): ReturnType<QueenSide["factsOf"]> {
    return this.#links?.side.factsOf(machine);
  }

  /** Throws `machine.away` (questions.ts) where nobody of that name is there. */
  readonly ask: AskMachine = async (machine, asked, ms) => {
    const { name, porter, own } = this.#facts;
    if (machine === name) return answeredHere(asked, answersOf(porter, own));
    return this.#there(machine).ask(machine, asked, ms);
  };

  async openFile(...[asked, signal]: Parameters<QueenSide["openFile"]>): ReturnType<QueenSide["openFile"]> {
    return this.#there(asked.machine).openFile(asked, signal);
  }

  /** A machine of this cluster has come to the door. The first one finds the links made. */
  async take(
    { authority, cluster }: ClusterParts,
    ...[request, socket, head, peer]: Parameters<Upgrade["take"]>
  ): Promise<void> {
    this.#links ??= await this.#open(authority);
    const links = this.#links;
    const removed: ErrorData = { code: "machine.removed", message: `${peer.name} was removed from the cluster` };
    acceptUpgrade(request, socket, head, (ws) => {
      if (cluster.admits(peer)) links.accept(socketOver(ws), peer.name);
      else links.turnAway(socketOver(ws), removed);
    });
  }

  remove(machine: string): void {
    this.#links?.release(machine, { code: "machine.removed", message: "this machine was removed from the cluster" });
  }

  close(): void {
    this.#links?.close();
  }

  #there(machine: string): QueenSide {
    if (this.#links === undefined) throw away(machine);
    return this.#links.side;
  }

  async #open(authority: Authority): Promise<Links<QueenSide>> {
    const { porter, name, instance, words } = this.#facts;
    const [{ certificate }, door] = await Promise.all([authority.authority(), authority.identity()]);
    // Two that come at once find one.
    if (this.#links !== undefined) return this.#links;
    const term = this.#facts.term();
    const links = new Links({
      porter,
      name,
      instance,
      clusterId: clusterOf(certificate),
      side: (ways) => new QueenSide(porter, ways),
      terms: new Terms({
        authority: certificate,
        queen: name,
        said: sayTerm(door, term),
        later: (_, later) => this.#facts.superseded(superseded(term, later)),
      }),
      words,
    });
    porter.link(links);
    return links;
  }
}
