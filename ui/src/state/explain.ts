// What makes a part of the shown time special: values more common inside it than in the rest of the view.
import { effect, signal } from "@preact/signals";
import { ApiError, asApiError, explainWindow } from "../api/client";
import type { Explanation } from "../api/types";
import { TELLING_FIELDS } from "../lib/statistics";
import { chart, current, view } from "./search";

export type Explained =
  | { kind: "loading" }
  | { kind: "error"; error: ApiError }
  | { kind: "ready"; from: number; to: number; values: Explanation[] };

export const explained = signal<Explained | null>(null);

/** Follows the search while the page is shown. Returns what stops it. */
export function startExplain(): () => void {
  return effect(() => {
    const run = current.value;
    const { explain } = view.value;
    const range = chart.value;
    if (!explain) {
      explained.value = null;
      return;
    }
    if (!run || !range) return;
    const window = { from: Date.parse(explain.from), to: Date.parse(explain.to) };
    const mine = new AbortController();
    run.signal.addEventListener("abort", () => mine.abort());
    if (explained.peek()?.kind !== "ready") explained.value = { kind: "loading" };
    const baseline = { from: Math.floor(range.from), to: Math.ceil(range.to) };
    explainWindow(
      { index: run.index, query: run.condition, window, baseline, fields: TELLING_FIELDS },
      mine.signal,
    ).then(
      (values) => {
        if (!mine.signal.aborted) explained.value = { kind: "ready", ...window, values };
      },
      (cause: unknown) => {
        if (mine.signal.aborted) return;
        const error = asApiError(cause);
        explained.value = { kind: "error", error };
      },
    );
    return () => mine.abort();
  });
}
