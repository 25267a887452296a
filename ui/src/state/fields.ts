// The list of fields: which there are, and what the unfolded ones hold over all matches.
import { computed, effect, signal } from "@preact/signals";
import { fieldStats, getFields } from "../api/client";
import type { FieldInfo, FieldStats } from "../api/types";
import { indexFor } from "../lib/query";
import { AFTER_ROWS_MS, columns, current, phase, setView, view } from "./search";
import { loadLogTypes, logTypes } from "./session";

/** Values fetched per field. */
const TOP = 10;
/** Fields described in one request; the server takes fifty. */
const BATCH = 20;
/** With a panel open beside it the list needs a wider window. */
const WIDE = matchMedia("(min-width: 1000px)");
const WIDER = matchMedia("(min-width: 1360px)");

const wide = signal(WIDE.matches);
const wider = signal(WIDER.matches);
WIDE.addEventListener("change", () => (wide.value = WIDE.matches));
WIDER.addEventListener("change", () => (wider.value = WIDER.matches));

/** Whether the list is shown: as the address says, or where there is room. */
export const fieldListShown = computed(
  () => view.value.fieldList ?? (view.value.doc === null ? wide.value : wider.value),
);
export const toggleFieldList = () => setView({ fieldList: !fieldListShown.peek() }, "replace");

// Names ------------------------------------------------------------------------------------------

/** All fields of the chosen log type; `null` until they are there. */
export const fields = signal<FieldInfo[] | null>(null);
let fieldsIndex = "";
let fieldsRequest: Promise<FieldInfo[]> = Promise.resolve([]);

/** The fields of the log type in the view, fetched once per log type. */
export async function loadFields(): Promise<FieldInfo[]> {
  const { ix } = view.peek();
  const index = indexFor(ix, ix ? await loadLogTypes().catch(() => logTypes.peek()) : []);
  if (index !== fieldsIndex) {
    fieldsIndex = index;
    fieldsRequest = getFields(index);
    fieldsRequest.catch(() => {
      if (fieldsIndex === index) fieldsIndex = "";
    });
  }
  const found = await fieldsRequest;
  if (fieldsIndex === index) fields.value = found;
  return found;
}

// Folding ----------------------------------------------------------------------------------------

const inTable = computed(() => new Set(columns.value.map(({ field }) => field)));

/** Fields in the table are unfolded unless the reader folded them; the others the other way round. */
export const isUnfolded = (field: string) => inTable.value.has(field) !== view.value.unfolded.includes(field);

export function toggleFolded(field: string): void {
  const { unfolded } = view.peek();
  const next = unfolded.includes(field) ? unfolded.filter((other) => other !== field) : [...unfolded, field];
  setView({ unfolded: next }, "replace");
}

/** Shows the list with this field unfolded. */
export function showField(field: string): void {
  const { unfolded } = view.peek();
  const next = isUnfolded(field)
    ? unfolded
    : unfolded.includes(field)
      ? unfolded.filter((other) => other !== field)
      : [...unfolded, field];
  setView({ unfolded: next, fieldList: fieldListShown.peek() ? view.peek().fieldList : true }, "replace");
  reveal.value = { field };
}

/** The field to bring into view next. */
export const reveal = signal<{ field: string } | null>(null);

// What fields hold -------------------------------------------------------------------------------

export interface Known {
  total: number;
  /** `null` when no index has the field. */
  stats: FieldStats | null;
}

/** By field, for the matches of `statsFor`; those of the search before stay until new ones are there. */
export const known = signal<Record<string, Known>>({});
export const statsStale = signal(false);
export const statsFailed = signal(false);
/** The first counts are there, or there will be none: until then the list would jump about. */
export const firstStats = computed(
  () => statsFailed.value || wanted.value.length === 0 || Object.keys(known.value).length > 0,
);
let knownFor: unknown = null;
let asked = new Set<string>();

const wanted = computed(() => {
  if (!fieldListShown.value) return [];
  const { unfolded } = view.value;
  return [...columns.value.map(({ field }) => field), ...unfolded].filter(
    (field, at, all) => isUnfolded(field) && all.indexOf(field) === at,
  );
});

/** Follows the search while the page is shown. Returns what stops it. */
export function startFields(): () => void {
  const stopNames = effect(() => {
    void view.value.ix;
    if (fieldListShown.value && phase.value !== "first") loadFields().catch(() => {});
  });
  const stopStats = effect(() => {
    const run = current.value;
    const list = wanted.value;
    if (run !== knownFor) statsStale.value = true;
    // The rows come first: they are what the reader waits for.
    if (!run || phase.value !== "ready") return;
    if (run !== knownFor) {
      knownFor = run;
      asked = new Set();
    }
    const missing = list.filter((field) => !asked.has(field));
    if (missing.length === 0) {
      statsStale.value = false;
      return;
    }
    const timer = setTimeout(() => {
      for (let at = 0; at < missing.length; at += BATCH) void fetchStats(run, missing.slice(at, at + BATCH));
    }, AFTER_ROWS_MS);
    return () => clearTimeout(timer);
  });
  return () => {
    stopNames();
    stopStats();
    knownFor = null;
  };
}

async function fetchStats(run: NonNullable<typeof current.value>, batch: string[]): Promise<void> {
  for (const field of batch) asked.add(field);
  try {
    const answer = await fieldStats({ index: run.index, query: run.condition, fields: batch, top: TOP }, run.signal);
    if (knownFor !== run) return;
    const fresh = Object.fromEntries(
      batch.map((field) => [field, { total: answer.total, stats: answer.fields[field] ?? null }]),
    );
    known.value = { ...known.peek(), ...fresh };
    statsFailed.value = false;
    statsStale.value = false;
  } catch {
    if (run.signal.aborted || knownFor !== run) return;
    for (const field of batch) asked.delete(field);
    statsFailed.value = true;
    statsStale.value = false;
  }
}

/** The rarest values of a field over all matches. */
export async function rareValues(field: string, signal: AbortSignal): Promise<FieldStats["rare"]> {
  const run = current.peek();
  if (!run) return [];
  const answer = await fieldStats(
    { index: run.index, query: run.condition, fields: [field], top: TOP, rare: true },
    signal,
  );
  return answer.fields[field]?.rare ?? [];
}
