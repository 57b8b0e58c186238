/**
 * A walk through every state that can be reached, breadth first, so that the first way to a broken rule is a shortest.
 *
 * Owns: which states were met, by which way, and from which of them the configuration can still be completed.
 * Does not own: states and moves (world.ts), rules (rules.ts).
 *
 *  E1 Equal states are met once.
 *  E2 A state from which nothing that happens by itself leads to a complete one is a broken rule: it is stuck.
 *  E3 What a bound cut off is said: nothing is claimed of states that were not looked at.
 *
 * @module
 */
import type { State } from "./state.ts";
import type { World } from "./world.ts";

export interface Rules {
  /** What must hold in every state. @returns what does not, in words. */
  readonly always: (world: World, state: State) => string | undefined;
  /** What is still to be done, in words; undefined when the configuration is complete. */
  readonly owed: (world: World, state: State) => string | undefined;
}

export interface Explored {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly seconds: number;
  /** False: states at the bound were not looked at. */
  readonly isWhole: boolean;
  /** Moves not made, since they need one worker more than there is. */
  readonly beyond: number;
  /** States in which nothing is left to do. */
  readonly complete: number;
  readonly broken: { readonly rule: string; readonly path: readonly string[] } | undefined;
}

interface Growing {
  data: Uint32Array;
  length: number;
}
const growing = (): Growing => ({ data: new Uint32Array(2 ** 16), length: 0 });
function push(to: Growing, value: number): void {
  if (to.length === to.data.length) {
    const grown = new Uint32Array(to.length * 2);
    grown.set(to.data);
    to.data = grown;
  }
  to.data[to.length++] = value;
}

const keyOf = (state: State): string => {
  let key = "";
  for (const part of state)
    key += part < 0x8000 ? String.fromCharCode(part) : String.fromCharCode(0x8000 | (part >> 15), part & 0x7fff);
  return key;
};
function stateOf(key: string): State {
  const state: State = [];
  for (let i = 0; i < key.length; i += 1) {
    const part = key.charCodeAt(i);
    state.push(part < 0x8000 ? part : ((part & 0x7fff) << 15) | key.charCodeAt(++i));
  }
  return state;
}

export interface SearchOptions {
  readonly statesMax: number;
  readonly from: State;
  readonly now: () => number;
}

export function explore(world: World, rules: Rules, { statesMax, from, now }: SearchOptions): Explored {
  const startedMs = now();
  const ids = new Map<string, number>();
  const keys: string[] = [];
  const parents = growing();
  const depths = growing();
  const edges = growing();
  const offsets = growing();
  const complete: number[] = [];
  const edge: number[] = [];
  let transitions = 0;
  let beyond = 0;
  let broken: { readonly rule: string; readonly at: number; readonly next: string } | undefined;

  const meet = (state: State, parent: number): number => {
    const key = keyOf(state);
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = keys.length;
    ids.set(key, id);
    keys.push(key);
    push(parents, parent);
    push(depths, id === 0 ? 0 : (depths.data[parent] as number) + 1);
    const rule = rules.always(world, state);
    if (rule !== undefined) broken ??= { rule, at: parent, next: key };
    if (rules.owed(world, state) === undefined) complete.push(id);
    return id;
  };

  meet(from, 0);
  let looked = 0;
  for (; looked < keys.length && keys.length < statesMax && broken === undefined; looked += 1) {
    push(offsets, edges.length);
    const at = looked;
    const more = world.moves(stateOf(keys[at] as string), (next, fair, _told, wrong) => {
      transitions += 1;
      if (wrong !== undefined) broken ??= { rule: wrong, at, next: keyOf(next) };
      push(edges, meet(next, at) * 2 + (fair ? 1 : 0));
    });
    beyond += more;
    if (more > 0) edge.push(at);
  }
  push(offsets, edges.length);
  const depth = depths.data[Math.max(0, keys.length - 1)] as number;
  const stuck =
    broken === undefined
      ? firstStuck({ edges, offsets, looked, states: keys.length, ends: [...complete, ...edge] })
      : undefined;
  const way = (id: number): readonly string[] => told(world, keys, parents, id);
  return {
    states: keys.length,
    transitions,
    depth,
    seconds: (now() - startedMs) / 1000,
    isWhole: looked === keys.length,
    beyond,
    complete: complete.length,
    broken:
      broken !== undefined
        ? { rule: broken.rule, path: [...way(broken.at), ...last(world, stateOf(keys[broken.at] as string), broken)] }
        : stuck === undefined
          ? undefined
          : { rule: whyStuck(world, rules, stateOf(keys[stuck] as string)), path: way(stuck) },
  };
}

interface Graph {
  readonly edges: Growing;
  readonly offsets: Growing;
  readonly looked: number;
  readonly states: number;
  /** Complete, or not looked at further. */
  readonly ends: readonly number[];
}

/** Backwards from what is complete, or was not looked at, along what happens by itself. */
function firstStuck({ edges, offsets, looked, states, ends }: Graph): number | undefined {
  const good = new Uint8Array(states);
  const counts = new Uint32Array(states + 1);
  for (let i = 0; i < edges.length; i += 1) {
    const edge = edges.data[i] as number;
    if ((edge & 1) === 1) counts[(edge >>> 1) + 1] = (counts[(edge >>> 1) + 1] as number) + 1;
  }
  for (let i = 1; i <= states; i += 1) counts[i] = (counts[i] as number) + (counts[i - 1] as number);
  const fill = counts.slice();
  const into = new Uint32Array(counts[states] as number);
  for (let from = 0; from < looked; from += 1) {
    for (let i = offsets.data[from] as number; i < (offsets.data[from + 1] as number); i += 1) {
      const edge = edges.data[i] as number;
      if ((edge & 1) === 0) continue;
      const to = edge >>> 1;
      into[fill[to] as number] = from;
      fill[to] = (fill[to] as number) + 1;
    }
  }
  const open: number[] = [...ends];
  for (let id = looked; id < states; id += 1) open.push(id);
  for (const id of open) good[id] = 1;
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (let i = counts[id] as number; i < (counts[id + 1] as number); i += 1) {
      const from = into[i] as number;
      if (good[from] === 1) continue;
      good[from] = 1;
      open.push(from);
    }
  }
  const first = good.indexOf(0);
  return first === -1 || first >= looked ? undefined : first;
}

const LOOKED_MAX = 10_000;

/** What is owed for ever: in a state where nothing goes on by itself, or else in any that can still be reached. */
function whyStuck(world: World, rules: Rules, from: State): string {
  const seen = new Set([keyOf(from)]);
  const open = [from];
  let why = "";
  for (const state of open) {
    let goesOn = false;
    world.moves(state, (next, fair) => {
      if (!fair) return;
      goesOn = true;
      const key = keyOf(next);
      if (seen.size < LOOKED_MAX && !seen.has(key)) {
        seen.add(key);
        open.push(next);
      }
    });
    const owed = rules.owed(world, state);
    if (owed !== undefined && (world.isSilent(state) || why === "")) why = owed;
    if (!goesOn) break;
  }
  return `it never comes to rest: ${why}`;
}

/** The moves that lead to a state, and what each of them changed. */
function told(world: World, keys: readonly string[], parents: Growing, id: number): readonly string[] {
  const way: number[] = [];
  for (let at = id; at !== 0; at = parents.data[at] as number) way.unshift(at);
  return way.map((at) => {
    const parent = stateOf(keys[parents.data[at] as number] as string);
    return moveTo(world, parent, keys[at] as string, undefined);
  });
}

const last = (
  world: World,
  from: State,
  { next, rule }: { readonly next: string; readonly rule: string },
): readonly string[] => [moveTo(world, from, next, rule)];

function moveTo(world: World, from: State, key: string, rule: string | undefined): string {
  let line = "";
  world.moves(from, (next, _fair, say, wrong) => {
    if (line !== "" || keyOf(next) !== key || (rule !== undefined && wrong !== undefined && wrong !== rule)) return;
    line = `${say()}${changes(world, from, next)}`;
  });
  return line;
}

function changes(world: World, from: State, to: State): string {
  const lines: string[] = [];
  for (const { id } of world.hosts) {
    const before = world.facts(from, id)?.cells ?? new Map<string, string>();
    const after = world.facts(to, id)?.cells ?? new Map<string, string>();
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const [was, is] = [before.get(name), after.get(name)];
      if (was === is) continue;
      const who = name === "worker" ? id : name.includes("/") ? name : id;
      lines.push(was === undefined ? `${who}: ${is}` : is === undefined ? `${who} is gone` : `${who}: ${was} -> ${is}`);
    }
  }
  return lines.length === 0 ? "" : `  [${lines.join("; ")}]`;
}
