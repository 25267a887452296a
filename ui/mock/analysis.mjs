// The counting side of the mock server: aggregations of searches, field statistics, suggestions, explained windows.
import { compile, valuesOf } from "./query.mjs";

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const sizeOf = (text) => Number.parseInt(text, 10) * UNITS[/[a-z]+$/.exec(text)[0]];

/** The values of a field in an event, each once. */
function distinct(event, field) {
  const values = valuesOf(event.doc, field);
  return values.length < 2 ? values : new Set(values);
}

const byCount = (a, b) => b[1] - a[1] || (String(a[0]) < String(b[0]) ? -1 : 1);

/** The events of each value of a field, the commonest value first. */
function groupByValue(events, field) {
  const groups = new Map();
  for (const event of events) {
    for (const value of distinct(event, field)) {
      const own = groups.get(value);
      if (own) own.push(event);
      else groups.set(value, [event]);
    }
  }
  return [...groups].sort(([a, own], [b, others]) => byCount([a, own.length], [b, others.length]));
}

/** Values and in how many events each is, the commonest first. */
export function countValues(events, field) {
  const counts = new Map();
  for (const event of events)
    for (const value of distinct(event, field)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(byCount);
}

/** Runs the aggregations of a search: terms and date_histogram, in each other. */
export function aggregate(events, aggs) {
  return Object.fromEntries(Object.entries(aggs).map(([name, agg]) => [name, run(events, agg)]));
}

function run(events, { aggs, ...agg }) {
  const [[kind, body]] = Object.entries(agg);
  const inner = (own) => (aggs ? aggregate(own, aggs) : {});
  if (kind === "terms") {
    const buckets = groupByValue(events, body.field)
      .slice(0, body.size)
      .map(([key, own]) => ({ key, doc_count: own.length, ...inner(own) }));
    return { doc_count_error_upper_bound: 0, sum_other_doc_count: 0, buckets };
  }
  if (kind === "date_histogram") {
    const size = sizeOf(body.fixed_interval);
    const offset = body.offset ? Number.parseInt(body.offset, 10) : 0;
    const groups = new Map();
    for (const event of events) {
      const key = Math.floor((event.time - offset) / size) * size + offset;
      const own = groups.get(key) ?? [];
      own.push(event);
      groups.set(key, own);
    }
    const buckets = [...groups]
      .sort((a, b) => a[0] - b[0])
      .map(([key, own]) => ({ key, key_as_string: new Date(key).toISOString(), doc_count: own.length, ...inner(own) }));
    return { buckets };
  }
  throw Object.assign(new Error(`unknown aggregation [${kind}]`), { status: 400 });
}

const typeOf = (value) => (typeof value === "number" ? "long" : typeof value === "boolean" ? "boolean" : "keyword");

/** What `POST /api/v1/fields/stats` answers. */
export function fieldStats(all, { query, fields, top = 10, rare = false }) {
  const test = compile(query ?? { match_all: {} });
  const events = all.filter(test);
  const out = {};
  for (const field of fields) {
    const found = new Map();
    const numbers = [];
    let having = 0;
    for (const event of events) {
      const values = valuesOf(event.doc, field);
      if (values.length > 0) having += 1;
      for (const value of values) if (typeof value === "number") numbers.push(value);
      for (const value of values.length < 2 ? values : new Set(values)) found.set(value, (found.get(value) ?? 0) + 1);
    }
    if (having === 0 && !all.some(({ doc }) => valuesOf(doc, field).length > 0)) continue;
    const counts = [...found].sort(byCount);
    const toItem = ([v, n]) => ({ v, n });
    numbers.sort((a, b) => a - b);
    const at = (part) => numbers[Math.floor((numbers.length - 1) * part)] ?? null;
    out[field] = {
      type: typeOf(counts[0]?.[0]),
      count: having,
      missing: events.length - having,
      distinct: counts.length,
      top: counts.slice(0, top).map(toItem),
      rare: rare ? counts.slice(-top).reverse().map(toItem) : [],
      min: at(0),
      max: at(1),
      avg: numbers.length > 0 ? numbers.reduce((sum, value) => sum + value, 0) / numbers.length : null,
      p50: at(0.5),
      p95: at(0.95),
    };
  }
  return { total: events.length, fields: out };
}

/** What `POST /api/v1/fields/explain` answers. */
export function explain(all, { query, window, baseline, fields }) {
  const test = compile(query ?? { match_all: {} });
  const within = ({ time }, { from, to }) => time >= from && time < to;
  const events = all.filter((event) => test(event) && within(event, baseline));
  const inside = events.filter((event) => within(event, window));
  const outside = events.filter((event) => !within(event, window));
  const share = (n, whole) => Math.round((n / Math.max(1, whole)) * 1000) / 10;
  const found = [];
  for (const field of fields) {
    const there = new Map(countValues(outside, field));
    for (const [value, n] of countValues(inside, field).slice(0, 20)) {
      const [in_pct, out_pct] = [share(n, inside.length), share(there.get(value) ?? 0, outside.length)];
      const lift = in_pct / Math.max(out_pct, 100 / Math.max(1, outside.length));
      if (lift >= 1.5 && n >= 2)
        found.push({
          field,
          value,
          inside: n,
          outside: there.get(value) ?? 0,
          in_pct,
          out_pct,
          lift: Math.round(lift * 10) / 10,
        });
    }
  }
  const weight = ({ in_pct, out_pct, lift }) => (in_pct - out_pct) * Math.log(lift);
  return found.sort((a, b) => weight(b) - weight(a)).slice(0, 50);
}

/** What `POST /api/v1/suggest` answers. */
export function suggest(all, names, { q, cursor, from, to, limit = 20 }) {
  const before = q.slice(0, cursor);
  const word = /[^\s(){}]*$/.exec(before)[0];
  const [, field, typed] = /^([^":]+):"?(.*)$/.exec(word) ?? [];
  const start = cursor - (field === undefined ? word.length : word.length - field.length - 1);
  if (field === undefined) {
    const items = names
      .filter((name) => name.toLowerCase().includes(word.toLowerCase()))
      .sort((a, b) => Number(!a.startsWith(word)) - Number(!b.startsWith(word)) || a.length - b.length)
      .slice(0, limit)
      .map((name) => ({ kind: "field", text: name, insert: `${name}:`, count: null, type: "keyword" }));
    return { from: start, to: cursor, items };
  }
  const events = all.filter(({ time }) => (from === undefined || time >= from) && (to === undefined || time < to));
  const items = countValues(events, field)
    .filter(([value]) => String(value).startsWith(typed))
    .slice(0, limit)
    .map(([value, count]) => {
      const text = String(value);
      return { kind: "value", text, insert: /^[\w.]+$/.test(text) ? text : JSON.stringify(text), count, type: null };
    });
  return { from: start, to: cursor, items };
}
