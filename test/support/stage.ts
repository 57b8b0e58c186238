/**
 * A handler on a stage: tables, one event, and what it commands. Rows change as in a step; nothing else happens.
 *
 * @module
 */
import type { Address } from "../../machines/words.ts";
import type { Command, Scope, Shortage } from "../../src/runtime/behaviour.ts";
import type { AskRef, Message } from "../../src/runtime/envelope.ts";
import { type Rows, type Table, TableSet } from "../../src/runtime/tables.ts";

export interface Cue<Event extends Message> {
  readonly event: Event;
  /** Asked by a client: the answer goes to {@link ASKER}. */
  readonly asked?: boolean;
  readonly at?: number;
  readonly serial?: number;
  readonly refusing?: Shortage;
}

export const ASKER: AskRef = { id: "ask-1", from: "porter/door/main" };

type AnyTable = Table<never, never> | Table<unknown, unknown>;

export class Stage {
  readonly #self: Address;
  readonly #tables: TableSet;

  constructor(self: Address, tables: readonly AnyTable[]) {
    this.#self = self;
    this.#tables = new TableSet(tables);
  }

  set<Row, Index>(table: Table<Row, Index>, rows: Readonly<Record<string, Row>>): this {
    for (const [key, row] of Object.entries(rows)) this.#tables.put(table.name, key, row);
    return this;
  }

  rows<Row, Index>(table: Table<Row, Index>): Rows<Row, Index> {
    return this.#tables.rows(table);
  }

  all<Row, Index>(table: Table<Row, Index>): Readonly<Record<string, Row>> {
    return Object.fromEntries(this.rows(table).entries());
  }

  /** @returns what it commands, rows aside: those are changed */
  play<Params, Event extends Message>(
    handler: (params: Params, scope: Scope) => readonly Command[],
    params: Params,
    { event, asked = false, at = 1000, serial = 1, refusing }: Cue<Event>,
  ): readonly Command[] {
    const scope: Scope = {
      self: this.#self,
      at,
      serial,
      label: "private",
      event,
      re: asked ? ASKER : undefined,
      refusing,
      rows: (table) => this.#tables.rows(table),
    };
    return handler(params, scope).filter((command) => {
      if (command.do === "put") this.#tables.put(command.table, command.key, command.row);
      else if (command.do === "del") this.#tables.del(command.table, command.key);
      else return true;
      return false;
    });
  }
}

/** What is commanded, a line each, as a table in a test can hold it. */
export const lines = (commands: readonly Command[]): readonly string[] => commands.map(line);

function line(command: Command): string {
  switch (command.do) {
    case "tell":
      return `${command.lane === "control" ? "control" : "tell"} ${command.to}: ${said(command.event)}`;
    case "ask":
      return `ask ${command.to}: ${said(command.event)}`;
    case "drop":
      return `drop ${command.name} ${command.key}`;
    case "reply":
      return command.result.ok
        ? `reply ${said(command.result.event)}${command.after === "flush" ? ", flushed" : ""}`
        : `refuse ${command.result.error.code}`;
    case "spawn":
      return `spawn ${command.kind}/${command.id}`;
    case "watch":
    case "stop":
      return `${command.do} ${command.address}`;
    case "raise":
      return `raise ${said(command.event)}`;
    case "put":
    case "del":
      return `${command.do} ${command.table} ${command.key}`;
  }
}

/** Its type and its small facts, in the order they were made. */
function said(event: Message): string {
  const facts = Object.entries(event).filter(([key, value]) => key !== "type" && typeof value !== "object");
  return [
    event.type,
    ...facts.filter(([, value]) => value !== undefined).map(([key, value]) => `${key}=${value}`),
  ].join(" ");
}
