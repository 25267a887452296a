// The period of the same length before the one that is shown: its number of events and its histogram.
import { effect, signal } from "@preact/signals";
import { search } from "../api/client";
import { moved, periodBefore } from "../lib/compare";
import { conditionOf, histogramBody } from "../lib/query";
import { pickInterval, zoneOffsetText } from "../lib/time";
import { current, view } from "./search";
import { zone } from "./settings";

/** The period before: how many events it had, and its bars, moved to where they lie over the ones shown. */
export interface Before {
  from: number;
  to: number;
  total: number;
  bars: { key: number; doc_count: number }[];
}

/** `null` while it is not asked for or not there yet. */
export const before = signal<Before | null>(null);
/** It was asked for, but all time has no period before it. */
export const nothingBefore = signal(false);

/** Follows the search while the page is shown. Returns what stops it. */
export function startCompare(): () => void {
  return effect(() => {
    const run = current.value;
    if (!view.value.compare || !run) {
      before.value = null;
      nothingBefore.value = false;
      return;
    }
    const period = periodBefore(run.bounds);
    nothingBefore.value = period === null;
    if (!period) {
      before.value = null;
      return;
    }
    const length = period.to - period.from;
    const { size, text } = pickInterval(length);
    // The bars of both periods begin at the same distance from the period's start.
    const offset = ((-length % size) + size) % size;
    const condition = conditionOf(run.state, run.dsl, period);
    const body = { ...histogramBody(condition, text, zoneOffsetText(zone.peek(), run.bounds.to ?? 0), offset) };
    search(run.index, { ...body, track_total_hits: true }, run.signal).then(
      (answer) => {
        if (run.signal.aborted || current.peek() !== run) return;
        const buckets = answer.aggregations?.t?.buckets ?? [];
        before.value = { ...period, total: answer.hits.total?.value ?? 0, bars: moved(buckets, length) };
      },
      () => {
        if (!run.signal.aborted) before.value = null;
      },
    );
  });
}
