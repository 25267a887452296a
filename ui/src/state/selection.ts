// The rows the reader picked, and copying them as raw lines, JSON or CSV.
import { computed, signal } from "@preact/signals";
import { search } from "../api/client";
import type { Hit } from "../api/types";
import { t, tn } from "../i18n";
import { cellValues } from "../lib/cells";
import { csvOf } from "../lib/csv";
import { valueAt } from "../lib/document";
import { TIME_FIELD } from "../lib/query";
import { copyText, showNote } from "./live";
import { columns, hitTime, rows } from "./search";

/** Rows that can be picked at a time. */
const MAX_PICKED = 1000;

const keyOf = (hit: Hit) => `${hit._index}/${hit._id}`;
const picked = signal<ReadonlySet<string>>(new Set());
/** The row that a range is drawn from. */
let anchor = 0;

export const isPicked = (hit: Hit) => picked.value.has(keyOf(hit));
/** The picked rows that are still among the loaded ones, in their order. */
export const pickedRows = computed(() => (picked.value.size === 0 ? [] : rows.value.filter(isPicked)));
export const clearPicked = () => void (picked.value = new Set());

function pick(next: Set<string>): void {
  if (next.size > MAX_PICKED) showNote(t("search.select.most", { n: MAX_PICKED }));
  else picked.value = next;
}

export function togglePicked(row: number): void {
  const hit = rows.peek()[row];
  if (!hit) return;
  anchor = row;
  const next = new Set(picked.peek());
  if (!next.delete(keyOf(hit))) next.add(keyOf(hit));
  pick(next);
}

/** Picks every row between the last one picked and this one. */
export function pickTo(row: number): void {
  const [low, high] = row < anchor ? [row, anchor] : [anchor, row];
  const range = rows.peek().slice(low, high + 1);
  pick(new Set([...picked.peek(), ...range.map(keyOf)]));
}

export type CopyFormat = "raw" | "json" | "csv";

/** Copies the picked rows; raw lines and JSON are fetched whole. */
export async function copyPicked(format: CopyFormat): Promise<void> {
  const chosen = pickedRows.peek();
  if (chosen.length === 0) return;
  const done = tn("search.select.copied", chosen.length);
  if (format === "csv") return copyText(csvOfRows(chosen), done);
  try {
    const sources = await wholeDocuments(chosen);
    const text =
      format === "raw"
        ? sources.map((source) => valueAt(source, "@message") ?? JSON.stringify(source)).join("\n")
        : JSON.stringify(sources, null, 2);
    await copyText(text, done);
  } catch {
    showNote(t("search.select.failed"));
  }
}

function csvOfRows(chosen: Hit[]): string {
  const names = [TIME_FIELD, ...columns.peek().map(({ field }) => field)];
  const line = (hit: Hit) =>
    names.map((name) => {
      const at = hitTime(hit);
      if (name === TIME_FIELD) return Number.isFinite(at) ? new Date(at).toISOString() : "";
      return cellValues(hit, name).join(" ");
    });
  return csvOf([names, ...chosen.map(line)]);
}

async function wholeDocuments(chosen: Hit[]): Promise<Record<string, unknown>[]> {
  const indices = [...new Set(chosen.map((hit) => hit._index))].join(",");
  const answer = await search(indices, {
    size: chosen.length * 2,
    query: { ids: { values: chosen.map((hit) => hit._id) } },
    track_total_hits: false,
  });
  const found = new Map(answer.hits.hits.map((hit) => [keyOf(hit), hit._source ?? {}]));
  return chosen.map((hit) => found.get(keyOf(hit)) ?? {});
}
