// Splits histogram buckets into series by log type, in a stable order with stable colours.
import type { Bucket } from "../api/types";

/** The series that sums what the server left out. */
export const OTHER = "\u0000other";
const COLOURS = 8;

export interface Series {
  id: string;
  total: number;
  /** 0 to 7, or -1 for the rest. */
  colour: number;
}

/** The colour of a log type: its place in the list of log types, so that it never changes between searches. */
export function colourOf(id: string, known: string[]): number {
  if (id === OTHER) return -1;
  const at = known.indexOf(id);
  if (at >= 0) return at % COLOURS;
  let hash = 0;
  for (const char of id) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return hash % COLOURS;
}

/** Count per series of one bucket, the rest under `OTHER`. */
export function countsOf(bucket: Bucket): Map<string, number> {
  const counts = new Map<string, number>();
  let left = bucket.doc_count;
  for (const part of bucket.s?.buckets ?? []) {
    counts.set(String(part.key), part.doc_count);
    left -= part.doc_count;
  }
  if (left > 0) counts.set(OTHER, left);
  return counts;
}

/** All series of a histogram, largest first, the rest last. */
export function seriesOf(buckets: Bucket[], known: string[]): Series[] {
  const totals = new Map<string, number>();
  for (const bucket of buckets) {
    for (const [id, count] of countsOf(bucket)) totals.set(id, (totals.get(id) ?? 0) + count);
  }
  return [...totals]
    .map(([id, total]) => ({ id, total, colour: colourOf(id, known) }))
    .sort((a, b) => Number(a.id === OTHER) - Number(b.id === OTHER) || b.total - a.total);
}

/** Round numbers for the count axis: the top one is at least `max`. */
export function niceTop(max: number): number {
  if (max <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(max));
  return [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].map((step) => Math.round(step * power)).find((top) => top >= max) ?? max;
}

/** Steps of a time axis that give four to twelve labels. */
const TICK_STEPS = [
  1,
  2,
  5,
  10,
  15,
  30,
  60,
  120,
  300,
  600,
  900,
  1800,
  3600,
  7200,
  10800,
  21600,
  43200,
  86400,
  2 * 86400,
  7 * 86400,
  14 * 86400,
  30 * 86400,
  91 * 86400,
  182 * 86400,
  365 * 86400,
].map((seconds) => seconds * 1000);

/** Moments to label between two points, aligned to the clock of the zone (`offsetMs` east of UTC). */
export function ticks(from: number, to: number, most: number, offsetMs: number): { at: number[]; step: number } {
  const step = TICK_STEPS.find((size) => (to - from) / size <= most) ?? (to - from) / Math.max(1, most);
  const at: number[] = [];
  for (let tick = Math.ceil((from + offsetMs) / step) * step - offsetMs; tick < to; tick += step) at.push(tick);
  return { at, step };
}
