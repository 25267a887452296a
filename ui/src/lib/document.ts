// Turns a stored document into flat fields and sorts them into the groups a reader looks for.

/** One field of a document with all its values as text. */
export interface FlatField {
  name: string;
  values: string[];
}

export type GroupId = "who" | "where" | "what" | "cloud" | "http" | "rest";
export const GROUPS: GroupId[] = ["who", "where", "what", "cloud", "http", "rest"];

const MAX_FIELDS = 2000;
const MAX_VALUES = 500;
const MAX_DEPTH = 32;

/** Flattens nested objects to dotted names. Arrays of values stay together; deep or huge documents are capped. */
export function flatten(source: unknown): { fields: FlatField[]; omitted: number } {
  const found = new Map<string, string[]>();
  let omitted = 0;
  const add = (name: string, value: string) => {
    const known = found.get(name);
    if (known) {
      if (known.length < MAX_VALUES) known.push(value);
    } else if (found.size < MAX_FIELDS) found.set(name, [value]);
    else omitted += 1;
  };
  const walk = (name: string, value: unknown, depth: number) => {
    if (value === null || value === undefined) return;
    if (typeof value !== "object") add(name, String(value));
    else if (depth >= MAX_DEPTH) add(name, JSON.stringify(value));
    else if (Array.isArray(value)) for (const item of value) walk(name, item, depth + 1);
    else for (const [key, item] of Object.entries(value)) walk(name ? `${name}.${key}` : key, item, depth + 1);
  };
  walk("", source, 0);
  return { fields: [...found].map(([name, values]) => ({ name, values })), omitted };
}

/** The first value of a dotted field, whether the document nests it or not. */
export const valueAt = (source: unknown, path: string): string | undefined => textsAt(source, path).next().value;

/** All values of a dotted field. */
export const valuesAt = (source: unknown, path: string): string[] => [...textsAt(source, path)];

function* textsAt(source: unknown, path: string): Generator<string, undefined> {
  if (typeof source !== "object" || source === null) return;
  const object = source as Record<string, unknown>;
  if (path in object) {
    for (const value of listOf(object[path])) {
      if (value !== null && value !== undefined)
        yield typeof value === "object" ? JSON.stringify(value) : String(value);
    }
    return;
  }
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    for (const item of listOf(object[path.slice(0, dot)])) yield* textsAt(item, path.slice(dot + 1));
  }
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value.slice(0, MAX_VALUES) : [value]);

/** What happened, in a few words: its action, its rule, or the request; nothing when the log knows none. */
export function titleOf(source: unknown): string | undefined {
  const named = ["event.action", "rule.name", "Operation"].map((field) => valueAt(source, field)).find(Boolean);
  if (named) return named;
  const [method, path] = [valueAt(source, "http.request.method"), valueAt(source, "url.path")];
  return method && path ? `${method} ${path}` : path;
}

/** The bucket of files that were loaded from a disk. */
const LOCAL_BUCKET = "local";

/** Where an object is: its S3 address, or the path alone for a file that was loaded from a disk. */
export function placeOf(bucket: string, key: string): string {
  return bucket === "" || bucket === LOCAL_BUCKET ? key : `s3://${bucket}/${key}`;
}

const PREFIXES: [GroupId, string[]][] = [
  ["http", ["http.", "url.", "user_agent.", "tls.", "httpRequest.", "useragent", "userAgent", "request"]],
  ["who", ["user.", "userIdentity.", "client.user", "source.user", "related.user", "group."]],
  [
    "where",
    ["source.", "destination.", "client.", "server.", "host.", "network.", "related.", "dns.", "sourceIPAddress"],
  ],
  [
    "what",
    [
      "event.",
      "rule.",
      "threat.",
      "error.",
      "eventName",
      "eventSource",
      "eventType",
      "errorCode",
      "errorMessage",
      "action",
      "severity",
      "type",
      "title",
      "description",
    ],
  ],
  [
    "cloud",
    [
      "cloud.",
      "aws.",
      "awsRegion",
      "recipientAccountId",
      "accountId",
      "account_id",
      "region",
      "resources",
      "resource.",
    ],
  ],
];

/** The group a field belongs to, by its name alone. */
export function groupOf(field: string): GroupId {
  for (const [group, prefixes] of PREFIXES) {
    if (prefixes.some((prefix) => field === prefix || (field.startsWith(prefix) && prefix.endsWith(".")))) return group;
  }
  if (field.startsWith("requestParameters.") || field.startsWith("responseElements.")) return "what";
  return "rest";
}

/** The fields by group, ECS names before the vendor's own within each, `@message` left to the raw view. */
export function grouped(fields: FlatField[]): [GroupId, FlatField[]][] {
  const groups = new Map<GroupId, FlatField[]>(GROUPS.map((group) => [group, []]));
  for (const field of fields) {
    if (field.name !== "@message") groups.get(groupOf(field.name))?.push(field);
  }
  for (const members of groups.values()) {
    members.sort((a, b) => Number(b.name.includes(".")) - Number(a.name.includes(".")) || (a.name < b.name ? -1 : 1));
  }
  return [...groups].filter(([, members]) => members.length > 0);
}
