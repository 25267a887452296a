// The shapes the server speaks: generated from its description, except for the parts OpenSearch leaves open.
import type { components, paths } from "./schema";

type Schemas = components["schemas"];

/** A clause of the OpenSearch query language; built in one place and otherwise opaque. */
export type QueryDsl = Record<string, unknown>;

/** The search requests this page makes. */
export interface SearchBody {
  size: number;
  query: QueryDsl;
  track_total_hits?: boolean;
  timeout?: string;
  _source?: boolean | string[];
  fields?: string[];
  sort?: Record<string, "asc" | "desc">[];
  search_after?: unknown[];
  aggs?: Record<string, unknown>;
}

export type Hit = Pick<Schemas["Hit"], "_index" | "_id" | "sort"> & {
  fields?: Record<string, unknown[]> | null;
  _source?: Record<string, unknown> | null;
};

/** A bucket of the histogram with its log types as `s`, or one value of a field. */
export interface Bucket {
  key: number | string;
  key_as_string?: string;
  doc_count: number;
  s?: { buckets: Bucket[]; sum_other_doc_count?: number };
}

export type SearchResponse = Omit<Schemas["SearchAnswer"], "hits" | "aggregations"> & {
  hits: { total?: Schemas["HitsTotal"] | null; hits: Hit[] };
  aggregations?: ({ t?: { buckets: Bucket[] }; v?: { buckets: Bucket[] } } & GroupAnswer) | null;
};

/** Counts by fields, level by level: each bucket holds the next level as `g`, or its counts over time as `t`. */
export interface Level {
  key: number | string;
  key_as_string?: string;
  doc_count: number;
  g?: { buckets: Level[] };
  t?: { buckets: Bucket[] };
}
export interface GroupAnswer {
  g?: { buckets: Level[] };
}

export type ParsedQuery = Pick<Schemas["ParseAnswer"], "errors" | "hints"> & { dsl?: QueryDsl | null };
export type QueryHint = Schemas["QueryHint"];

export type SuggestRequest = Schemas["SuggestRequest"];
export type SuggestAnswer = Schemas["SuggestAnswer"];
export type StatsAnswer = Omit<Schemas["StatsAnswer"], "fields"> & { fields: Record<string, FieldStats> };
/** Values are numbers, booleans or text, as the store counts them. */
export type ValueCount = { v: string | number | boolean; n: number };
export type FieldStats = Omit<Schemas["FieldStats"], "top" | "rare"> & { top: ValueCount[]; rare: ValueCount[] };
export type Explanation = Omit<Schemas["Explanation"], "value"> & { value: string | number | boolean };
export interface Span {
  from: number;
  to: number;
}

/** What an index knows of a field. */
export interface FieldInfo {
  name: string;
  type: string;
  /** Whether its values are counted. */
  counted: boolean;
}

export type ErrorBody = Schemas["ErrorBody"];
export type Session = Schemas["SessionInfo"];
export type LogType = Schemas["LogTypeStatus"];
export type ReasonCount = Schemas["ReasonCount"];
export type DeadLetter = Schemas["DeadLetterItem"];
export type DeadLetterPage = Schemas["DeadLetterList"];
export type RetryRequest = Schemas["RetryRequest"];
export type RetryAnswer = Schemas["RetryAnswer"];
export type LedgerRow = Schemas["LedgerItem"];
export type LedgerPage = Schemas["LedgerPage"];
export type Entity = Schemas["Entity"];
export type EntityLane = Schemas["Lane"];
export type SeenWith = Schemas["SeenWith"];
export type Home = Schemas["Home"];
export type Sources = Schemas["Sources"];
export type Source = Schemas["Source"];
export type Whereabouts = Schemas["Whereabouts"];
export type SavedSearch = Schemas["SavedSearchItem"];
export type ObjectStatus = Schemas["ObjectStatus"];

type Parameters<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Query } } }
  ? NonNullable<Query>
  : never;
export type DeadLetterRequest = Parameters<"/api/v1/dead-letters">;
export type LedgerRequest = Parameters<"/api/v1/ledger">;

export type Suggestion = Schemas["Suggestion"];

export type Enriched = Schemas["Enriched"];

/** All matches of a condition, to be written into a file: a table of some fields, or whole events. */
export type ExportRequest = { index: string; query: QueryDsl; oldest_first: boolean } & (
  { format: "csv"; fields: string[] } | { format: "ndjson" }
);
/** An export and how far it is. */
export type ExportJob = Schemas["Export"];
