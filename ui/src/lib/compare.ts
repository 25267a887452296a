// The period before the one that is shown, and the difference between two counts.
import type { Bounds } from "./query";
import type { Bucket } from "../api/types";

/** The period of the same length that ends where this one begins; all time has none. */
export function periodBefore({ from, to }: Bounds): { from: number; to: number } | null {
  return from === null || to === null ? null : { from: from - (to - from), to: from };
}

/** How a count changed. */
export type Change =
  | { kind: "same" | "new" | "gone" }
  /** `ratio` is -1 to infinity, 0.25 for a quarter more. */
  | { kind: "more" | "less"; ratio: number };

export function changeOf(now: number, before: number): Change {
  if (now === before) return { kind: "same" };
  if (before === 0) return { kind: "new" };
  if (now === 0) return { kind: "gone" };
  return { kind: now > before ? "more" : "less", ratio: now / before - 1 };
}

/** The buckets of the period before, moved to where they lie over the ones shown. */
export function moved(buckets: Bucket[], by: number): { key: number; doc_count: number }[] {
  return buckets.map(({ key, doc_count }) => ({ key: Number(key) + by, doc_count }));
}
