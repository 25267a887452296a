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
  _source?: boolean;
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
  aggregations?: { t?: { buckets: Bucket[] }; v?: { buckets: Bucket[] } } | null;
};

export type ParsedQuery = Pick<Schemas["ParseAnswer"], "errors" | "hints"> & { dsl?: QueryDsl | null };
export type QueryHint = Schemas["QueryHint"];

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
