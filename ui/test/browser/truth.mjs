// Counts that do not come from the page: every event is fetched from the store and counted here.

const PAGE = 2000;

/** All values of a dotted field, whether the document nests it or not. */
function valuesOf(source, path) {
  const out = [];
  const walk = (value, rest) => {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) value.forEach((item) => walk(item, rest));
    else if (rest === "") typeof value === "object" || out.push(String(value));
    else if (typeof value === "object") {
      if (rest in value) walk(value[rest], "");
      for (let dot = rest.indexOf("."); dot > 0; dot = rest.indexOf(".", dot + 1))
        walk(value[rest.slice(0, dot)], rest.slice(dot + 1));
    }
  };
  walk(source, path);
  return out;
}

const FIELDS = [
  "@log_type",
  "source.ip",
  "destination.ip",
  "user.name",
  "event.action",
  "event.outcome",
  "cloud.account.id",
  "cloud.instance.id",
  "cloud.region",
  "host.name",
  "host.id",
  "interface_id",
  "related.ip",
  "related.user",
  "client.ip",
  "server.ip",
  "user_agent.original",
  "user_agent.name",
  "user_agent.version",
  "user_agent.os.name",
  "user_agent.device.name",
];

let events = null;
let fetchedFrom = "";

const NONE = Object.freeze([]);

/** Gives lists with the same texts as one list: a million events repeat few values. */
function sharing() {
  const known = new Map();
  return (values) => {
    if (values.length === 0) return NONE;
    const key = values.join("\u0000");
    if (!known.has(key)) known.set(key, values);
    return known.get(key);
  };
}

/** Every event of the server with the fields that are counted; fetched once. */
export async function allEvents(base) {
  if (events && fetchedFrom === base) return events;
  events = [];
  fetchedFrom = base;
  const places = new Map(FIELDS.map((field, at) => [field, at]));
  const shared = sharing();
  let after;
  for (;;) {
    const response = await fetch(`${base}/*/_search`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf": "1" },
      body: JSON.stringify({
        size: PAGE,
        query: { match_all: {} },
        track_total_hits: false,
        _source: ["@timestamp", ...FIELDS],
        sort: [{ "@timestamp": "desc" }, { _id: "desc" }],
        ...(after ? { search_after: after } : {}),
      }),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    const { hits } = (await response.json()).hits;
    for (const { _id, _source } of hits) {
      const time = Date.parse(valuesOf(_source, "@timestamp")[0]);
      const values = FIELDS.map((field) => shared(valuesOf(_source, field)));
      events.push({ id: _id, time, get: (field) => values[places.get(field)] ?? NONE });
    }
    if (hits.length < PAGE) return events;
    after = hits.at(-1).sort;
  }
}

/** How many events pass a test. */
export const count = (all, test) => all.reduce((sum, event) => sum + (test(event) ? 1 : 0), 0);

/** Values of a field with their number of events, the commonest first. */
export function topOf(all, field) {
  const counts = new Map();
  for (const event of all)
    for (const value of new Set(event.get(field))) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}
