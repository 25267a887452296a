// Runs the search that the URL describes and keeps its results. Every change goes through the URL.
import { batch, computed, effect, signal, untracked } from "@preact/signals";
import { ApiError, multiSearch, search } from "../api/client";
import type { Bucket, Hit, ParsedQuery, QueryDsl, SearchResponse } from "../api/types";
import { tn } from "../i18n";
import { pickInterval, resolveTime, shiftRange, zoneOffsetText, zoomOut, type TimeRange } from "../lib/time";
import {
  columnsFor,
  conditionOf,
  countBody,
  edgeBody,
  histogramBody,
  indexFor,
  rowsBody,
  TIME_FIELD,
  type Bounds,
} from "../lib/query";
import { changesToTry, helpful, type Suggestion } from "../lib/suggestions";
import { addFilter, readState, writeState, type Column, type Filter, type SearchState } from "../lib/url-state";
import { navigate, place } from "../router";
import { remember } from "./history";
import { announce } from "./live";
import { parse } from "./parse";
import { loadLogTypes, logTypes, noteFailure, serverFound, signIns } from "./session";
import { zone } from "./settings";

/** What else belongs to new rows comes so much later: they are what the reader waits for. */
export const AFTER_ROWS_MS = 50;

/** Rows kept in memory at most. */
const MAX_ROWS = 20_000;

let lastSearch = "";

/** The state of the search view, read from the URL; other pages see the one that was shown last. */
export const view = computed<SearchState>(() => {
  if (place.value.path === "/search") lastSearch = place.value.search;
  return readState(lastSearch);
});

/** Changes the view; without `replace` it becomes a history entry, so that Back undoes it. */
export function setView(patch: Partial<SearchState>, how: "push" | "replace" = "push"): void {
  navigate(`/search${writeState({ ...view.peek(), ...patch })}`, how);
}

export type Phase = "first" | "loading" | "ready";

export const phase = signal<Phase>("first");
/** The reader is told that an answer is on its way: not when it comes at once, that would only flicker. */
export const waiting = signal(false);
const WAITING_MS = 150;
effect(() => {
  if (phase.value !== "loading") {
    waiting.value = false;
    return;
  }
  const timer = setTimeout(() => (waiting.value = true), WAITING_MS);
  return () => clearTimeout(timer);
});

export const rows = signal<Hit[]>([]);
export const total = signal<{ value: number; exact: boolean } | null>(null);
export const tookMs = signal(0);
export const failure = signal<ApiError | null>(null);
export const partial = signal<{ failed: number; total: number } | "timed_out" | null>(null);
export const stopped = signal(false);
export const loadingMore = signal(false);
/** Errors and hints of the query in the URL. */
export const parsed = signal<ParsedQuery>({ dsl: null, errors: [], hints: [] });

/** What the histogram shows. */
export interface Chart {
  from: number;
  to: number;
  interval: { size: number; text: string };
  buckets: Bucket[];
}
export const chart = signal<Chart | null>(null);
export const chartFailed = signal(false);

/** What would bring results to an empty view. `null` while they are being looked for. */
export const suggestions = signal<Suggestion[] | null>(null);

export const columns = computed<Column[]>(() => columnsFor(view.value, logTypes.value));

/** Raised by the refresh button. */
const round = signal(0);
export const refresh = () => void (round.value += 1);

/** What the rows and the histogram depend on. */
const queryKey = computed(() => {
  const { q, lang, filters, ix, from, to, sort } = view.value;
  return JSON.stringify({ q, lang, filters, ix, from, to, sort });
});
const columnKey = computed(() => columns.value.map(({ field }) => field).join("\n"));

/** A search that was sent: what further questions about the same matches are asked with. */
export interface Run {
  index: string;
  /** The typed query. */
  dsl: QueryDsl | null;
  bounds: Bounds;
  condition: QueryDsl;
  state: SearchState;
  /** Ends with the next search. */
  signal: AbortSignal;
}
/** The search whose matches are shown, or are on their way. */
export const current = signal<Run | null>(null);

let controller = new AbortController();
let fetchedColumns = "";

/** Follows the URL while the search page is shown. Returns what stops it. */
export function startSearch(): () => void {
  const stopRun = effect(() => {
    void queryKey.value;
    void round.value;
    void signIns.value;
    untracked(() => void run());
  });
  const stopColumns = effect(() => {
    const key = columnKey.value;
    untracked(() => {
      const run = current.peek();
      if (run && phase.peek() === "ready" && key !== fetchedColumns) void fetchRows(run, controller);
    });
  });
  return () => {
    stopRun();
    stopColumns();
    controller.abort();
    current.value = null;
  };
}

export function stopSearching(): void {
  controller.abort();
  batch(() => {
    stopped.value = true;
    phase.value = "ready";
  });
}

/** The range of a view in epoch milliseconds; `null` when the address does not hold a valid one. */
export function boundsOf(state: SearchState, now: number): Bounds | null {
  if (state.from === "all") return { from: null, to: null };
  const from = resolveTime(state.from, now);
  const to = resolveTime(state.to, now);
  return from === null || to === null || from >= to ? null : { from, to };
}

async function run(): Promise<void> {
  controller.abort();
  const mine = new AbortController();
  controller = mine;
  const state = view.peek();
  batch(() => {
    if (phase.peek() !== "first") phase.value = "loading";
    failure.value = null;
    stopped.value = false;
    suggestions.value = null;
  });

  try {
    const bounds = boundsOf(state, Date.now());
    if (!bounds) throw new ApiError(400, "badTime");
    // All log types need no list of them, so the first rows do not wait for it.
    const types = state.ix ? await loadLogTypes() : [];
    const index = indexFor(state.ix, types);
    const answer: ParsedQuery = state.q.trim()
      ? await parse(state.q.trimEnd(), state.lang, index)
      : { dsl: null, errors: [], hints: [] };
    if (mine.signal.aborted) return;
    parsed.value = answer;
    if (answer.errors.length > 0) {
      phase.value = "ready";
      return;
    }
    const condition = conditionOf(state, answer.dsl ?? null, bounds);
    const sent: Run = { index, dsl: answer.dsl ?? null, bounds, condition, state, signal: mine.signal };
    const rowsDone = fetchRows(sent, mine);
    void fetchChart(sent, mine);
    current.value = sent;
    remember(state.q, state.lang);
    await rowsDone;
    if (!mine.signal.aborted && total.peek()?.value === 0)
      await fetchSuggestions(state, answer.dsl ?? null, bounds, mine);
  } catch (error) {
    fail(error, mine);
  }
}

function fail(error: unknown, mine: AbortController): void {
  if (mine.signal.aborted) return;
  const known = noteFailure(error, () => void run());
  batch(() => {
    failure.value = known;
    phase.value = "ready";
  });
}

async function fetchRows({ index, condition }: Run, mine: AbortController): Promise<void> {
  const state = view.peek();
  const wanted = columns.peek();
  try {
    const response = await search(index, rowsBody(condition, wanted, state), mine.signal);
    if (mine.signal.aborted) return;
    serverFound();
    batch(() => {
      fetchedColumns = wanted.map(({ field }) => field).join("\n");
      rows.value = response.hits.hits;
      const value = response.hits.total?.value ?? response.hits.hits.length;
      total.value = { value, exact: response.hits.total?.relation !== "gte" };
      tookMs.value = response.took;
      partial.value = partialOf(response);
      phase.value = "ready";
    });
    announce(`${tn("result.events", total.peek()?.value ?? 0)}, ${response.took} ms`);
  } catch (error) {
    fail(error, mine);
  }
}

function partialOf(response: SearchResponse): typeof partial.value {
  const shards = response._shards;
  if (shards && shards.failed > 0) return { failed: shards.failed, total: shards.total };
  return response.timed_out ? "timed_out" : null;
}

async function fetchChart({ index, condition, bounds }: Run, mine: AbortController): Promise<void> {
  try {
    const range = await chartRange(index, condition, bounds, mine);
    if (mine.signal.aborted) return;
    if (!range) {
      chart.value = null;
      return;
    }
    const interval = pickInterval(range.to - range.from);
    const body = histogramBody(condition, interval.text, zoneOffsetText(zone.peek(), range.to));
    const response = await search(index, body, mine.signal);
    if (mine.signal.aborted) return;
    batch(() => {
      chartFailed.value = false;
      chart.value = { ...range, interval, buckets: response.aggregations?.t?.buckets ?? [] };
    });
  } catch {
    if (!mine.signal.aborted) chartFailed.value = true;
  }
}

/** The range of the view, or for all time the one between the oldest and the newest event. */
async function chartRange(
  index: string,
  condition: QueryDsl,
  bounds: Bounds,
  mine: AbortController,
): Promise<{ from: number; to: number } | null> {
  if (bounds.from !== null && bounds.to !== null) return { from: bounds.from, to: bounds.to };
  const edges = await multiSearch(index, [edgeBody(condition, "asc"), edgeBody(condition, "desc")], mine.signal);
  const [oldest, newest] = edges.map((edge) => hitTime(edge?.hits.hits[0]));
  if (oldest === undefined || newest === undefined || !Number.isFinite(oldest) || !Number.isFinite(newest)) return null;
  return { from: oldest, to: newest + 1000 };
}

/** The time of a row in epoch milliseconds, `NaN` when it has none. */
export function hitTime(hit: Hit | undefined): number {
  const value = hit?.fields?.[TIME_FIELD]?.[0] ?? hit?._source?.[TIME_FIELD];
  return typeof value === "number" ? value : Date.parse(String(value));
}

/** Looks for the smallest changes that would bring results. */
async function fetchSuggestions(
  state: SearchState,
  dsl: QueryDsl | null,
  bounds: Bounds,
  mine: AbortController,
): Promise<void> {
  const tries = changesToTry(state, dsl, bounds, Date.now());
  try {
    const bodies = tries.map(({ condition }) => countBody(condition));
    const answers = bodies.length > 0 ? await multiSearch(indexFor("", []), bodies, mine.signal) : [];
    if (mine.signal.aborted) return;
    suggestions.value = helpful(
      tries,
      answers.map((answer) => answer?.hits.total?.value ?? 0),
    );
  } catch {
    if (!mine.signal.aborted) suggestions.value = [];
  }
}

/** Fetches the next page when there is one. */
export async function loadMore(): Promise<void> {
  const known = rows.peek();
  const after = known[known.length - 1]?.sort;
  const all = total.peek()?.value ?? 0;
  const run = current.peek();
  if (!run || !after || loadingMore.peek() || phase.peek() !== "ready" || known.length >= Math.min(all, MAX_ROWS))
    return;
  const mine = controller;
  loadingMore.value = true;
  try {
    const body = rowsBody(run.condition, columns.peek(), view.peek(), after);
    const response = await search(run.index, body, mine.signal);
    if (!mine.signal.aborted) rows.value = [...known, ...response.hits.hits];
  } catch (error) {
    fail(error, mine);
  } finally {
    loadingMore.value = false;
  }
}

// Actions on the view ----------------------------------------------------------------------------

const TOP_VALUES = 100;

/** The commonest values of a field in what the view holds, whatever the rows loaded so far. */
export async function topValues(field: string, signal: AbortSignal): Promise<Bucket[]> {
  const run = current.peek();
  if (!run) return [];
  const aggs = { v: { terms: { field, size: TOP_VALUES } } };
  const body = { size: 0, query: run.condition, track_total_hits: false, aggs };
  const answer = await search(run.index, body, signal);
  return answer.aggregations?.v?.buckets ?? [];
}

export const addPill = (filter: Filter) => setView({ filters: addFilter(view.peek().filters, filter) });
export const setRange = (range: TimeRange) => setView(range);

/** Adds the column, or removes it when it is there. */
export function toggleColumn(field: string): void {
  const current = columns.peek();
  const present = current.some((column) => column.field === field);
  const next = present ? current.filter((column) => column.field !== field) : [...current, { field }];
  if (next.length > 0) setView({ columns: next });
}

/** The range now shown in epoch milliseconds: the one in the URL, or what the histogram found for all time. */
export function shownRange(): { from: number; to: number } | null {
  const bounds = boundsOf(view.peek(), Date.now());
  if (bounds?.from != null && bounds.to != null) return { from: bounds.from, to: bounds.to };
  return chart.peek();
}

export function zoomOutTime(): void {
  const range = view.peek().from === "all" ? null : shownRange();
  if (range) setRange(zoomOut(range.from, range.to));
}

export function shiftTime(direction: -1 | 1): void {
  const range = shownRange();
  if (range) setRange(shiftRange(range.from, range.to, direction));
}
