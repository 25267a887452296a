// The only file that talks to the server.
import type {
  DeadLetter,
  DeadLetterPage,
  DeadLetterRequest,
  Enriched,
  Entity,
  ErrorBody,
  Explanation,
  ExportJob,
  ExportRequest,
  FieldInfo,
  Hit,
  Home,
  LedgerPage,
  LedgerRequest,
  LogType,
  ParsedQuery,
  RetryAnswer,
  RetryRequest,
  SavedSearch,
  SearchBody,
  SearchResponse,
  Session,
  Sources,
  Span,
  QueryDsl,
  StatsAnswer,
  SuggestAnswer,
  SuggestRequest,
  Whereabouts,
} from "./types";

/** What went wrong, in terms the page can show: the server's code, or `offline` when it was not reached. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly params: Record<string, string | number>;
  readonly requestId: string;

  constructor(status: number, code: string, params: Record<string, string | number> = {}, requestId = "") {
    super(code);
    this.status = status;
    this.code = code;
    this.params = params;
    this.requestId = requestId;
  }
}

/** Whatever was thrown, as an error the page can show. */
export const asApiError = (cause: unknown): ApiError =>
  cause instanceof ApiError ? cause : new ApiError(0, "other", { code: String(cause) });

/** Set by the application: called once a request finds the session missing or ended. */
let onSignedOut: () => void = () => {};
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler;
}

/** The token the session wants back with every change. */
let csrf = "1";

interface Options {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  json?: unknown;
  text?: string;
  signal?: AbortSignal | undefined;
}

async function request<T>(path: string, { method = "GET", json, text, signal }: Options = {}): Promise<T> {
  const init: RequestInit = { method };
  if (method !== "GET") {
    const type = text === undefined ? "application/json" : "application/x-ndjson";
    init.headers = { "content-type": type, "X-CSRF": csrf };
    init.body = text ?? (json === undefined ? null : JSON.stringify(json));
  }
  if (signal) init.signal = signal;

  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, "offline");
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const error = await readError(response);
  if (error.status === 401 && path !== "/api/v1/session") onSignedOut();
  throw error;
}

/** Understands our own errors and those of the OpenSearch layer. */
async function readError(response: Response): Promise<ApiError> {
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    body = null;
  }
  const { code, params, request_id, error } = (body ?? {}) as Partial<ErrorBody> & {
    error?: { type?: string; reason?: string } | string;
  };
  if (code) return new ApiError(response.status, code, params, request_id);
  if (error) {
    const reason = typeof error === "string" ? error : (error.reason ?? error.type ?? "");
    return new ApiError(response.status, "request_refused", { reason });
  }
  const gone = response.status === 502 || response.status === 503 || response.status === 504;
  return new ApiError(response.status, gone ? "offline" : "unexpected_answer", { status: response.status });
}

/** An index expression as a path segment: commas and stars stay, everything else is escaped. */
function indexPath(index: string): string {
  return encodeURIComponent(index).replace(/%2C/g, ",").replace(/%2A/g, "*");
}

function withQuery(path: string, params: Record<string, string | number | boolean | undefined>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value !== undefined && value !== "") query.set(key, String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

export async function getSession(): Promise<Session> {
  const session = await request<Session>("/api/v1/session");
  csrf = session.csrf ?? "1";
  return session;
}
export const getLogTypes = () => request<LogType[]>("/api/v1/log-types");
export const signIn = (user: string, password: string) =>
  request<unknown>("/api/v1/session", { method: "POST", json: { user, password } });

export const signOut = () => request<unknown>("/api/v1/session", { method: "DELETE" });

export const search = (index: string, body: SearchBody, signal?: AbortSignal) =>
  request<SearchResponse>(`/${indexPath(index)}/_search?ignore_unavailable=true&allow_no_indices=true`, {
    method: "POST",
    json: body,
    signal,
  });

/** Several searches in one request; an item that failed is `null`. */
export async function multiSearch(
  index: string,
  bodies: SearchBody[],
  signal?: AbortSignal,
): Promise<(SearchResponse | null)[]> {
  const header = JSON.stringify({ index: index.split(","), ignore_unavailable: true, allow_no_indices: true });
  const text = bodies.map((body) => `${header}\n${JSON.stringify(body)}\n`).join("");
  const { responses } = await request<{ responses: (SearchResponse & { error?: unknown })[] }>("/_msearch", {
    method: "POST",
    text,
    signal,
  });
  return responses.map((response) => (response.error ? null : response));
}

/** One whole document, or `null` when it is not there. */
export async function getDocument(index: string, id: string, signal?: AbortSignal): Promise<Hit | null> {
  const path = `/${indexPath(index)}/_doc/${encodeURIComponent(id.toWellFormed())}`;
  try {
    return await request<Hit>(path, { signal });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

export const parseQuery = (q: string, lang: "kql" | "lucene", index: string) =>
  request<ParsedQuery>("/api/v1/query/parse", { method: "POST", json: { q, lang, index } });

/** What could stand at the cursor in a query. */
export const suggest = (body: SuggestRequest, signal?: AbortSignal) =>
  request<SuggestAnswer>("/api/v1/suggest", { method: "POST", json: body, signal });

/** The fields an index has, by name. */
export async function getFields(index: string): Promise<FieldInfo[]> {
  type Caps = Record<string, Record<string, { aggregatable?: boolean }>>;
  const { fields } = await request<{ fields: Caps }>(`/${indexPath(index)}/_field_caps?fields=*`);
  return Object.entries(fields)
    .filter(([name]) => !name.startsWith("_"))
    .map(([name, types]) => {
      const [type, flags] = Object.entries(types)[0] ?? ["", {}];
      return { name, type, counted: flags.aggregatable !== false };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface StatsRequest {
  index: string;
  query: QueryDsl;
  fields: string[];
  top?: number;
  rare?: boolean;
}
/** What fields hold, counted over all matches. */
export const fieldStats = (body: StatsRequest, signal?: AbortSignal) =>
  request<StatsAnswer>("/api/v1/fields/stats", { method: "POST", json: body, signal });

interface ExplainRequest {
  index: string;
  query: QueryDsl;
  window: Span;
  baseline: Span;
  fields: string[];
}
/** The values that are more common inside a window than outside, the most telling first. */
export const explainWindow = (body: ExplainRequest, signal?: AbortSignal) =>
  request<Explanation[]>("/api/v1/fields/explain", { method: "POST", json: body, signal });

export const getDeadLetters = (params: DeadLetterRequest, signal?: AbortSignal) =>
  request<DeadLetterPage>(withQuery("/api/v1/dead-letters", params), { signal });

/** One dead letter with much more of its raw bytes than a list shows. */
export const getDeadLetter = (id: string) => request<DeadLetter>(`/api/v1/dead-letters/${encodeURIComponent(id)}`);

/** Runs dead letters again: these, or all with a reason. Comes back once all have been tried; gives their number. */
export const retryDeadLetters = async (which: { ids: string[] } | { reason: string }) => {
  const json: Partial<RetryRequest> = which;
  const { accepted } = await request<RetryAnswer>("/api/v1/dead-letters/retry", { method: "POST", json });
  return accepted;
};

export const getLedger = (params: LedgerRequest, signal?: AbortSignal) =>
  request<LedgerPage>(withQuery("/api/v1/ledger", params), { signal });

export const getEntity = (type: string, value: string, from: number, to: number, signal?: AbortSignal) =>
  request<Entity>(
    withQuery(`/api/v1/entities/${encodeURIComponent(type)}/${encodeURIComponent(value.toWellFormed())}`, { from, to }),
    { signal },
  );

export const getHome = (signal?: AbortSignal) => request<Home>("/api/v1/home", { signal });

export const getSources = (signal?: AbortSignal) => request<Sources>("/api/v1/sources", { signal });

/** What became of an object, by its key. */
export const explainKey = (key: string, signal?: AbortSignal) =>
  request<Whereabouts>(withQuery("/api/v1/sources/explain", { key }), { signal });

/** The short path for a path of this page. */
export const shorten = async (url: string) =>
  (await request<{ path: string }>("/api/v1/links", { method: "POST", json: { url } })).path;

export const getSavedSearches = (signal?: AbortSignal) => request<SavedSearch[]>("/api/v1/saved-searches", { signal });
/** Saves a search under a name, or gives one that is there another address. */
export const putSavedSearch = (known: SavedSearch | null, name: string, url: string) =>
  known
    ? request<SavedSearch>(`/api/v1/saved-searches/${encodeURIComponent(known.id)}`, {
        method: "PUT",
        json: { name, url },
      })
    : request<SavedSearch>("/api/v1/saved-searches", { method: "POST", json: { name, url } });
export const deleteSavedSearch = (id: string) =>
  request<undefined>(`/api/v1/saved-searches/${encodeURIComponent(id)}`, { method: "DELETE" });

/** What is known of values on the screen; at most 500. */
export const enrich = (values: { type: string; value: string }[], signal?: AbortSignal) =>
  request<{ items: Enriched[] }>("/api/v1/enrich", { method: "POST", json: { values }, signal });

/** Begins to write all matches into a file. */
export const startExport = (body: ExportRequest) =>
  request<ExportJob>("/api/v1/exports", { method: "POST", json: body });
export const getExport = (id: string) => request<ExportJob>(`/api/v1/exports/${encodeURIComponent(id)}`);
export const cancelExport = (id: string) =>
  request<undefined>(`/api/v1/exports/${encodeURIComponent(id)}`, { method: "DELETE" });
/** Where the file of an export is fetched from. */
export const exportFile = (id: string) => `/api/v1/exports/${encodeURIComponent(id)}/file`;
