// Reads the cells of a row and measures how wide its columns want to be.
import type { Hit } from "../api/types";
import { valueAt } from "./document";
import type { Column } from "./url-state";

/** The values of a field in a row as text. */
export function cellValues(hit: Hit, field: string): string[] {
  const values = hit.fields?.[field];
  if (Array.isArray(values))
    return values.map((value) => (typeof value === "object" ? JSON.stringify(value) : String(value)));
  const found = hit._source ? valueAt(hit._source, field) : undefined;
  return found === undefined ? [] : [found];
}

const SAMPLE = 200;
const CHAR = 7.25;
const PADDING = 20;
const MIN = 72;
const HEAD_CHAR = 7.4;
const HEAD_PADDING = 24;
const MAX = 340;

/** Pixels per column: the user's width, or what the first 200 rows need. */
export function columnWidths(columns: Column[], rows: Hit[]): number[] {
  return columns.map(({ field, width }) => {
    if (width) return width;
    let longest = 0;
    for (const hit of rows.slice(0, SAMPLE)) {
      let size = 0;
      for (const char of (cellValues(hit, field)[0] ?? "").slice(0, 60))
        size += (char.codePointAt(0) ?? 0) > 0x2e80 ? 2 : 1;
      longest = Math.max(longest, size);
    }
    const extra = field.endsWith(".ip") ? 46 : field === "event.outcome" || field === "@log_type" ? 16 : 0;
    const head = field.length * HEAD_CHAR + HEAD_PADDING;
    return Math.round(Math.max(MIN, head, Math.min(MAX, longest * CHAR + PADDING + extra)));
  });
}
