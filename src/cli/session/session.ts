/**
 * The queen that one command or conversation talks with.
 *
 * Owns: attaching when first needed, and again when she went away. Does not own: which queen
 * (attach.ts), or what is asked.
 *
 *  SE1 A holder of the home that ends just as it is asked is no failure: the next holder is asked, or a node of
 *      our own.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { StatusView, TaskBody, TaskEvent } from "../../protocol/api.ts";
import type { DiscussionRequest, SayRequest } from "../../protocol/discussion-api.ts";
import type { FoundView, KnownForgotten, KnownView } from "../../protocol/knowledge-api.ts";
import type { SessionView, SpecialistsView } from "../../protocol/session-api.ts";
import type { TeamStats } from "../../protocol/team-api.ts";
import type { WhyView } from "../../protocol/why-api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { loadConfig, type LoadedConfig } from "../../runtime/config/load.ts";
import { answer, type DoneEvent } from "./answer.ts";
import { untilHere } from "./arrival.ts";
import type { Client } from "../client/client.ts";
import { attachOrEmbed, PASSING_MS, type Attached, type Attaching } from "./attach.ts";
import { showPresence, type Presence } from "./presence.ts";
import { follow, type Following } from "./follow.ts";
import type { Run } from "../run.ts";

const POLL_MS = 50;

interface Kind {
  /** Between requests too, and wants to be seen by a node that somebody else embeds. */
  readonly stays?: boolean;
  /** A6 of attach.ts. */
  readonly cold?: boolean;
}

export class Session {
  readonly #attaching: Attaching;
  readonly #stays: boolean;
  #attached: Attached | undefined;
  #presence: Presence | undefined;

  constructor({ env, interruption, output }: Run, loaded: LoadedConfig, { stays = false, cold = false }: Kind = {}) {
    this.#attaching = { loaded, env, interruption, cold, say: output.say };
    this.#stays = stays;
  }

  async attached(): Promise<Attached> {
    if (this.#attached !== undefined) return this.#attached;
    const attached = await attachOrEmbed(this.#attaching);
    const { kind, socketPath } = attached;
    if (this.#stays && kind === "holder" && socketPath !== undefined) this.#presence = showPresence(socketPath);
    this.#attached = attached;
    return attached;
  }

  ask(task: TaskBody, signal: AbortSignal, on: (event: TaskEvent) => Promise<void>): Promise<DoneEvent> {
    const { say } = this.#attaching;
    return this.#reaching(async ({ client, kind }) => {
      const endsWithUs = kind === "embedded" && !this.#stays;
      await untilHere(task, on, { client, signal, endsWithUs, say });
      return answer(client, task, signal, on);
    });
  }

  /** @param loading told of a model that is on its way here */
  discuss(request: DiscussionRequest, following: Following, loading: (event: TaskEvent) => void): Promise<void> {
    const { say } = this.#attaching;
    const { stop, leave } = following;
    return this.#reaching(async ({ client, kind }) => {
      const endsWithUs = kind === "embedded" && !this.#stays;
      const { model, deadline_ms } = request;
      const waiting = { client, signal: AbortSignal.any([stop, leave]), endsWithUs, say };
      await untilHere({ model, deadline_ms }, async (event) => loading(event), waiting);
      return follow(client, request, following);
    });
  }

  say(discussion: string, said: SayRequest): Promise<void> {
    return this.#reaching(({ client }) => client.say(discussion, said));
  }

  sessions(): Promise<readonly SessionView[]> {
    return this.#reaching(({ client }) => client.sessions());
  }

  specialists(): Promise<SpecialistsView["specialists"]> {
    return this.#reaching(({ client }) => client.specialists());
  }

  teamStats(): Promise<TeamStats> {
    return this.#reaching(({ client }) => client.teamStats());
  }

  knowledge(): Promise<readonly KnownView[]> {
    return this.#reaching(({ client }) => client.knowledge());
  }

  searchKnowledge(text: string): Promise<FoundView> {
    return this.#reaching(({ client }) => client.searchKnowledge(text));
  }

  teach(text: string): Promise<string> {
    return this.#reaching(({ client }) => client.teach(text));
  }

  forgetKnown(id: string): Promise<KnownForgotten> {
    return this.#reaching(({ client }) => client.forgetKnown(id));
  }

  status(): Promise<StatusView> {
    return this.#reaching(({ client }) => client.status());
  }

  why(jobId: string): Promise<WhyView> {
    return this.#reaching(({ client }) => client.why(jobId));
  }

  /** What was embedded ends here. */
  async close(): Promise<void> {
    this.#presence?.end();
    await this.#attached?.close();
  }

  async #reaching<Value>(ask: (attached: Attached) => Promise<Value>): Promise<Value> {
    const giveUpMs = performance.now() + PASSING_MS;
    for (;;) {
      const attached = await this.attached();
      try {
        return await ask(attached);
      } catch (error) {
        if (attached.kind !== "holder" || !(error instanceof RbeeError) || error.code !== "queen.unreachable")
          throw error;
        // Next time we look again: somebody else may hold the home by then, or we.
        this.#presence?.end();
        this.#attached = undefined;
        const nothingAsked = error.details?.["connected"] === false;
        if (!nothingAsked || performance.now() > giveUpMs) throw error;
      }
      await pause(POLL_MS);
    }
  }
}

/** Of whoever holds the home; where nobody does, of a node of our own that lives for so long. */
export async function withQueen<Value>(run: Run, ask: (client: Client) => Promise<Value>): Promise<Value> {
  const { env, cwd } = run;
  const session = new Session(run, loadConfig({ flags: {}, env, cwd }));
  try {
    return await ask((await session.attached()).client);
  } finally {
    await session.close();
  }
}
