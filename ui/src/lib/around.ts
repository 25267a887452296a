// What happened around an event: the events shortly before and after it that share its account, host or another value.
import type { QueryDsl, SearchBody } from "../api/types";
import { TIME_FIELD, TYPE_FIELD } from "./query";
import { valueAt } from "./document";
import { iso } from "./time";
import type { Filter, SearchState } from "./url-state";

/** What events around can have in common, with the fields that tell. */
export const SHARED = {
  account: ["cloud.account.id"],
  host: ["cloud.instance.id", "host.name", "host.id", "interface_id"],
  user: ["user.name"],
  ip: ["source.ip"],
} as const;
export type SharedKind = keyof typeof SHARED;
export const SHARED_KINDS = Object.keys(SHARED) as SharedKind[];

/** Minutes on each side that can be chosen. */
export const SPANS = [1, 5, 30];
/** Events fetched on each side. */
export const MAX_AROUND = 100;

/** The values of an event that others can share. */
export function sharedOf(source: unknown): Partial<Record<SharedKind, Filter>> {
  const found: Partial<Record<SharedKind, Filter>> = {};
  for (const kind of SHARED_KINDS) {
    for (const field of SHARED[kind]) {
      const value = valueAt(source, field);
      if (value === undefined || found[kind]) continue;
      found[kind] = { field, value };
    }
  }
  return found;
}

/** Account and host when the event names them; failing that its user or address. */
export function usualShared(shared: Partial<Record<SharedKind, Filter>>): SharedKind[] {
  const place = (["account", "host"] as const).filter((kind) => shared[kind]);
  if (place.length > 0) return place;
  const other = (["user", "ip"] as const).find((kind) => shared[kind]);
  return other ? [other] : [];
}

/** Two requests: the events before the anchor, newest first, and those after, oldest first. */
export function aroundBodies(at: number, spanMs: number, shared: Filter[], id: string): [SearchBody, SearchBody] {
  const side = (range: Record<string, number>, order: "asc" | "desc"): SearchBody => {
    const filter: QueryDsl[] = [{ range: { [TIME_FIELD]: { ...range, format: "epoch_millis" } } }];
    filter.push(...shared.map(({ field, value }) => ({ term: { [field]: value } })));
    return {
      size: MAX_AROUND,
      track_total_hits: true,
      _source: false,
      fields: [TIME_FIELD, TYPE_FIELD, "event.action", "rule.name", "user.name", "source.ip", "event.outcome"],
      sort: [{ [TIME_FIELD]: order }, { _id: order }],
      query: { bool: { filter, must_not: [{ ids: { values: [id] } }] } },
    };
  };
  return [side({ gte: at - spanMs, lt: at }, "desc"), side({ gte: at, lte: at + spanMs }, "asc")];
}

/** The search that shows the same events. */
export function aroundState(at: number, spanMs: number, shared: Filter[]): Partial<SearchState> {
  return {
    q: "",
    filters: shared,
    ix: "",
    columns: [],
    from: iso(at - spanMs),
    to: iso(at + spanMs + 1),
    kind: "list",
    explain: null,
  };
}
