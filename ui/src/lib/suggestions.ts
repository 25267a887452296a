// The smallest changes of a view without results that might bring some, and which of them do.
import type { QueryDsl } from "../api/types";
import { conditionOf, type Bounds } from "./query";
import { DAY } from "./time";
import type { Filter, SearchState } from "./url-state";

/** One thing that would bring results, and the change of the view that does it. */
export interface Suggestion {
  kind: "week" | "ever" | "without" | "noQuery" | "types" | "bare";
  count: number;
  filter?: Filter;
  patch: Partial<SearchState>;
}

/** A change to try: its matches have to be counted. */
export interface Try {
  suggestion: Omit<Suggestion, "count">;
  condition: QueryDsl;
}

const MAX_FILTERS = 4;
const EVER: Bounds = { from: null, to: null };

/** The changes worth trying, one thing at a time, and last of all everything at once. */
export function changesToTry(state: SearchState, dsl: QueryDsl | null, bounds: Bounds, now: number): Try[] {
  const tries: Try[] = [];
  const add = (
    suggestion: Omit<Suggestion, "count">,
    { typed = dsl, range = bounds }: { typed?: QueryDsl | null; range?: Bounds } = {},
  ) => tries.push({ suggestion, condition: conditionOf({ ...state, ...suggestion.patch }, typed, range) });

  if (bounds.from !== null) {
    const week: Bounds = { from: now - 7 * DAY, to: now };
    if (bounds.from > now - 7 * DAY) add({ kind: "week", patch: { from: "now-7d", to: "now" } }, { range: week });
    add({ kind: "ever", patch: { from: "all", to: "now" } }, { range: EVER });
  }
  for (const filter of state.filters.filter((pill) => !pill.disabled).slice(0, MAX_FILTERS)) {
    add({ kind: "without", filter, patch: { filters: state.filters.filter((other) => other !== filter) } });
  }
  if (dsl) add({ kind: "noQuery", patch: { q: "" } }, { typed: null });
  if (state.ix) add({ kind: "types", patch: { ix: "" } });
  if (tries.length > 1) {
    add({ kind: "bare", patch: { q: "", filters: [], ix: "", from: "all", to: "now" } }, { typed: null, range: EVER });
  }
  return tries;
}

/** The tries that found something; dropping everything only counts when nothing smaller does. */
export function helpful(tries: Try[], counts: number[]): Suggestion[] {
  const found = tries
    .map(({ suggestion }, at) => ({ ...suggestion, count: counts[at] ?? 0 }))
    .filter(({ count }) => count > 0);
  const smaller = found.filter(({ kind }) => kind !== "bare");
  return smaller.length > 0 ? smaller : found;
}
