/**
 * The team of a node, put together: what its threads are started with, its ports, and its routes at the door.
 *
 * Owns: the composition. Does not own: any part of it.
 *
 * @module
 */
import { join } from "node:path";
import type { Price } from "../../../machines/rules/usage.ts";
import type { NodeSeat } from "../../doors/rbee.ts";
import { knowledgeRoutes } from "../../doors/knowledge.ts";
import { teamRoutes } from "../../doors/team.ts";
import { remoteName } from "../../protocol/remote-name.ts";
import type { Route } from "../../protocol/route.ts";
import type { Config } from "../../runtime/config/load.ts";
import type { Paths } from "../../runtime/config/paths.ts";
import type { Port } from "../../runtime/ports.ts";
import type { TeamStart } from "../bees/bee-start.ts";
import type { DoorAsks } from "../porter/door-asks.ts";
import { STARTER } from "../machine/machine.ts";
import type { TakeNews } from "../watching/news.ts";
import { TeamWitness } from "../watching/team-witness.ts";
import { teamAsModel } from "./as-model.ts";
import { Archive } from "./archive.ts";
import { Audience } from "./audience.ts";
import { Calls } from "./calls.ts";
import { Knowledge } from "./knowledge.ts";
import { Meaning } from "./meaning.ts";
import { readPart } from "./prompts.ts";
import { seated } from "./roster.ts";
import { teamSeat } from "./seat.ts";
import { StoreTimes } from "./store-times.ts";

export class Team {
  readonly start: TeamStart;
  readonly ports: Readonly<Record<string, Port>>;
  readonly #archive: Archive;
  readonly #audience: Audience;
  readonly #config: Config;
  readonly #configFile: string;
  readonly #defaultModel: string;
  readonly #priceOf = (model = this.#defaultModel): Price | undefined =>
    this.#config.endpoints[remoteName(model)?.endpoint ?? ""]?.price;
  readonly #news: TakeNews;
  /** Until the queen can be asked, thinkers wait. */
  readonly #seat = Promise.withResolvers<NodeSeat>();

  constructor(config: Config, paths: Paths, news: TakeNews) {
    this.#audience = new Audience(new TeamWitness(news).heard);
    this.#config = config;
    this.#defaultModel = config.model.default ?? STARTER;
    this.#news = news;
    this.#configFile = paths.configFile;
    this.#archive = new Archive(join(paths.data, "sessions"));
    this.start = { frame: readPart("frame").body, summarizer: seated(readPart("summarizer")) };
    this.ports = {
      calls: new Calls({
        seat: this.#seat.promise,
        audience: this.#audience,
        concurrentMax: config.team.concurrentMax,
        priceOf: this.#priceOf,
      }),
      audience: this.#audience,
      archive: this.#archive,
    };
  }

  /** @returns its own routes, and a seat at which it is a model among others */
  open(seat: NodeSeat, doors: DoorAsks): { readonly routes: readonly Route[]; readonly asModel: NodeSeat } {
    this.#seat.resolve(seat);
    const models = async (): Promise<readonly string[]> => {
      const { hives } = await seat.status();
      return [...new Set(hives.flatMap(({ workers }) => workers.map(({ model }) => model)))];
    };
    const times = new StoreTimes(doors, (durationMs) => this.#news({ event: "store.answered", durationMs }));
    const meaning = new Meaning({ seat: this.#seat.promise, models, nowMs: () => performance.now() });
    const knowledge = new Knowledge({ doors: times, archive: this.#archive, meaning });
    const team = teamSeat({
      doors: times,
      storeTimes: times.told,
      knowledge,
      models,
      defaultModel: this.#defaultModel,
      archive: this.#archive,
      audience: this.#audience,
      config: this.#config.team,
      configFile: this.#configFile,
      billing: { priceOf: this.#priceOf, ...this.start },
    });
    return { routes: [...teamRoutes(team), ...knowledgeRoutes(knowledge)], asModel: teamAsModel(seat, team) };
  }
}
