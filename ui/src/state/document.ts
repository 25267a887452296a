// The open event: which one it is, and the whole documents fetched so far.
import { computed } from "@preact/signals";
import { getDocument } from "../api/client";
import type { Hit } from "../api/types";
import { rows, setView, view } from "./search";

const CACHE_SIZE = 100;
const cache = new Map<string, Promise<Hit | null>>();

/** One whole document; the latest hundred are remembered. */
export function fetchDocument(index: string, id: string): Promise<Hit | null> {
  const key = `${index}/${id}`;
  const known = cache.get(key);
  if (known) return known;
  const fresh = getDocument(index, id);
  // What is not there now may come.
  fresh.then(
    (hit) => hit ?? cache.delete(key),
    () => cache.delete(key),
  );
  cache.set(key, fresh);
  const oldest = cache.keys().next().value;
  if (cache.size > CACHE_SIZE && oldest !== undefined) cache.delete(oldest);
  return fresh;
}

/** The row of the open event among the loaded ones, or -1. */
export const openRow = computed(() => {
  const { doc } = view.value;
  return doc ? rows.value.findIndex((hit) => hit._id === doc.id && hit._index === doc.index) : -1;
});

/** Opens the event of a row; walking on with the panel open does not fill the history. */
export function openEvent(row: number): void {
  const hit = rows.peek()[row];
  if (!hit) return;
  const how = view.peek().doc ? "replace" : "push";
  setView({ doc: { index: hit._index, id: hit._id } }, how);
  const next = rows.peek()[row + 1];
  if (next) fetchDocument(next._index, next._id).catch(() => {});
}

export const closeEvent = () => setView({ doc: null, tab: "fields" });
