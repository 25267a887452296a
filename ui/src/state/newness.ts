// Which of the addresses, users and other entities on the screen are new: first seen less than a day ago.
import { effect, signal } from "@preact/signals";
import { ApiError, enrich } from "../api/client";
import type { Hit, LogType } from "../api/types";
import { cellValues } from "../lib/cells";
import { entityOf } from "../lib/entities";
import type { Column } from "../lib/url-state";
import { AFTER_ROWS_MS, columns, phase, rows } from "./search";
import { logTypes } from "./session";

/** Values asked for at a time, and remembered in all. */
const BATCH = 500;
const MAX_KNOWN = 20_000;
/** Rows looked through after each load. */
const MAX_ROWS = 2000;

const keyOf = (type: string, value: string) => `${type} ${value}`;
const news = signal<ReadonlyMap<string, boolean>>(new Map());
/** A server without a history of entities is asked once. */
let answers = true;

/** Whether a value was first seen less than a day ago, as far as that is known. */
export function isNew(field: string, value: string): boolean {
  if (news.value.size === 0) return false;
  const entity = entityOf(field, value, logTypes.value);
  return entity !== null && news.value.get(keyOf(entity.type, entity.value)) === true;
}

/** Follows the rows while the page is shown. Returns what stops it. */
export function startNewness(): () => void {
  const mine = new AbortController();
  const stop = effect(() => {
    const [found, shown, types] = [rows.value, columns.value, logTypes.value];
    if (phase.value !== "ready" || !answers) return;
    const timer = setTimeout(() => {
      const wanted = unknownIn(found, shown, types);
      if (wanted.length > 0) void ask(wanted, mine.signal);
    }, AFTER_ROWS_MS);
    return () => clearTimeout(timer);
  });
  return () => {
    stop();
    mine.abort();
  };
}

/** The entities in the cells that were not asked about yet. */
function unknownIn(found: Hit[], shown: Column[], types: LogType[]): { type: string; value: string }[] {
  const wanted = new Map<string, { type: string; value: string }>();
  for (const hit of found.slice(0, MAX_ROWS)) {
    for (const { field } of shown) {
      const value = cellValues(hit, field)[0];
      const entity = value === undefined ? null : entityOf(field, value, types);
      if (!entity) continue;
      const key = keyOf(entity.type, entity.value);
      if (!news.peek().has(key) && wanted.size < BATCH) wanted.set(key, entity);
    }
  }
  return [...wanted.values()];
}

async function ask(values: { type: string; value: string }[], signal: AbortSignal): Promise<void> {
  try {
    const { items } = await enrich(values, signal);
    const next = new Map(news.peek().size > MAX_KNOWN ? [] : news.peek());
    for (const item of items) next.set(keyOf(item.type, item.value), item.new);
    news.value = next;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) answers = false;
  }
}
