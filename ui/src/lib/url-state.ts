// The state of the search view as a query string, and back. The URL is the only place this state lives.

/** One pill: a field must (or must not) have a value, or exist at all. */
export interface Filter {
  field: string;
  /** `undefined` means: the field exists. */
  value?: string;
  negated?: boolean;
  disabled?: boolean;
}

/** A column and, when the user chose one, its width in pixels. */
export interface Column {
  field: string;
  width?: number;
}

export type QueryLanguage = "kql" | "lucene";
export type Sort = "desc" | "asc";
export type DetailTab = "fields" | "raw" | "around";
/** How the matches are shown: as rows, counted by fields, or as lanes over time. */
export type ViewKind = "list" | "table" | "timeline";

/** Everything that decides what the search view shows. */
export interface SearchState {
  q: string;
  lang: QueryLanguage;
  filters: Filter[];
  /** Id of a log type; empty means all. */
  ix: string;
  from: string;
  to: string;
  /** Empty means: the columns the log type declares. */
  columns: Column[];
  sort: Sort;
  /** The open event. */
  doc: { index: string; id: string } | null;
  tab: DetailTab;
  kind: ViewKind;
  /** What the table counts by and the timeline has lanes for; empty means: the log type. */
  by: string[];
  /** With the period of the same length before. */
  compare: boolean;
  /** The part of the time that is explained. */
  explain: { from: string; to: string } | null;
  /** Whether the list of fields is shown; `null` means: where there is room for it. */
  fieldList: boolean | null;
  /** Fields of the list that are folded or unfolded against their default. */
  unfolded: string[];
  /** Seconds between two searches by themselves; 0 means never. */
  every: number;
}

export const DEFAULT_FROM = "now-24h";
export const DEFAULT_TO = "now";
const MAX_FILTERS = 64;
const MAX_COLUMNS = 40;
const MAX_UNFOLDED = 40;
/** Fields the table counts by at most. */
export const MAX_BY = 3;
/** Seconds between two searches that can be chosen. */
export const REFRESH_CHOICES = [0, 10, 30, 60, 300];

/** A filter as one parameter: `~` off, `!` not, `?` exists, then `field:value` with `\` before a colon in the field. */
export function writeFilter(filter: Filter): string {
  const field = filter.field.replace(/[\\:]/g, "\\$&").replace(/^[~!?]/, "\\$&");
  const flags = `${filter.disabled ? "~" : ""}${filter.negated ? "!" : ""}`;
  return filter.value === undefined ? `${flags}?${field}` : `${flags}${field}:${filter.value}`;
}

/** Reads what `writeFilter` wrote; `null` when it names no field. */
export function readFilter(text: string): Filter | null {
  const head = /^(~?)(!?)(\??)((?:\\[\s\S]|[^\\:])+)(?::([\s\S]*))?$/.exec(text);
  if (!head) return null;
  const [, off, not, exists, field, value] = head;
  if (exists === "" && value === undefined) return null;
  const filter: Filter = { field: (field ?? "").replace(/\\([\s\S])/g, "$1") };
  if (exists === "") filter.value = value ?? "";
  if (not) filter.negated = true;
  if (off) filter.disabled = true;
  return filter;
}

/** Reads the state from a query string; what is missing or malformed takes its default. */
export function readState(search: string): SearchState {
  const params = new URLSearchParams(search);
  const doc = params.get("doc") ?? "";
  const slash = doc.indexOf("/");
  return {
    q: params.get("q") ?? "",
    lang: params.get("lang") === "lucene" ? "lucene" : "kql",
    filters: params
      .getAll("f")
      .slice(0, MAX_FILTERS)
      .map(readFilter)
      .filter((filter) => filter !== null),
    ix: params.get("ix") ?? "",
    from: params.get("from") || DEFAULT_FROM,
    to: params.get("to") || DEFAULT_TO,
    columns: (params.get("c") ?? "")
      .split(",")
      .slice(0, MAX_COLUMNS)
      .map(readColumn)
      .filter((column) => column !== null),
    sort: params.get("s") === "asc" ? "asc" : "desc",
    doc: slash > 0 && slash < doc.length - 1 ? { index: doc.slice(0, slash), id: doc.slice(slash + 1) } : null,
    tab: oneOf(params.get("tab"), ["fields", "raw", "around"]),
    kind: oneOf(params.get("v"), ["list", "table", "timeline"]),
    by: readNames(params.get("by"), MAX_BY),
    compare: params.get("cmp") === "1",
    explain: readSpan(params.get("w")),
    fieldList: { on: true, off: false }[params.get("fl") ?? ""] ?? null,
    unfolded: readNames(params.get("fo"), MAX_UNFOLDED),
    every: REFRESH_CHOICES.find((seconds) => String(seconds) === params.get("r")) ?? 0,
  };
}

/** The value when it is one of the choices, otherwise the first of them. */
function oneOf<Choice extends string>(value: string | null, choices: [Choice, ...Choice[]]): Choice {
  return choices.find((choice) => choice === value) ?? choices[0];
}

function readSpan(text: string | null): { from: string; to: string } | null {
  const [from, to] = (text ?? "").split("~");
  return from && to && Date.parse(from) < Date.parse(to) ? { from, to } : null;
}

const decodeName = (name: string) => name.replace(/%(25|2C|7E)/g, decodeURIComponent);
const encodeName = (name: string) =>
  name.replace(/[%,~]/g, (char) => ({ "%": "%25", ",": "%2C", "~": "%7E" })[char] ?? char);

function readNames(text: string | null, most: number): string[] {
  const names = (text ?? "").split(",").map(decodeName).filter(Boolean);
  return [...new Set(names)].slice(0, most);
}

function readColumn(text: string): Column | null {
  const [name, width] = text.split("~");
  if (!name) return null;
  const field = decodeName(name);
  const pixels = Number(width);
  return pixels >= 40 && pixels <= 2000 ? { field, width: Math.round(pixels) } : { field };
}

function writeColumn({ field, width }: Column): string {
  const name = encodeName(field);
  return width ? `${name}~${width}` : name;
}

/** Writes the state as a query string in a fixed order, leaving out defaults. Starts with `?` unless empty. */
export function writeState(state: SearchState): string {
  const pairs: [string, string][] = [];
  if (state.q) pairs.push(["q", state.q]);
  if (state.lang !== "kql") pairs.push(["lang", state.lang]);
  for (const filter of state.filters) pairs.push(["f", writeFilter(filter)]);
  if (state.ix) pairs.push(["ix", state.ix]);
  if (state.from !== DEFAULT_FROM || state.to !== DEFAULT_TO) pairs.push(["from", state.from], ["to", state.to]);
  if (state.columns.length > 0) {
    pairs.push(["c", state.columns.map(writeColumn).join(",")]);
  }
  if (state.sort !== "desc") pairs.push(["s", state.sort]);
  if (state.kind !== "list") pairs.push(["v", state.kind]);
  if (state.by.length > 0) pairs.push(["by", state.by.map(encodeName).join(",")]);
  if (state.compare) pairs.push(["cmp", "1"]);
  if (state.explain) pairs.push(["w", `${state.explain.from}~${state.explain.to}`]);
  if (state.fieldList !== null) pairs.push(["fl", state.fieldList ? "on" : "off"]);
  if (state.unfolded.length > 0) pairs.push(["fo", state.unfolded.map(encodeName).join(",")]);
  if (state.every > 0) pairs.push(["r", String(state.every)]);
  if (state.doc) pairs.push(["doc", `${state.doc.index}/${state.doc.id}`]);
  if (state.doc && state.tab !== "fields") pairs.push(["tab", state.tab]);
  const text = pairs.map(([key, value]) => `${key}=${encode(value)}`).join("&");
  return text && `?${text}`;
}

/** Percent-encodes what must be, and leaves `: / , @ *` readable. A lone surrogate cannot be encoded and is replaced. */
function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed())
    .replace(/%(?:3A|2F|2C|40)/g, decodeURIComponent)
    .replace(/%20/g, "+");
}

/** Same field and same value, whatever the flags. */
export function sameFilter(a: Filter, b: Filter): boolean {
  return a.field === b.field && a.value === b.value;
}

/** Adds a filter; one on the same value is replaced, so that "hide" after "only" is not a contradiction. */
export function addFilter(filters: Filter[], filter: Filter): Filter[] {
  return [...filters.filter((other) => !sameFilter(other, filter)), filter];
}
