// The mock server's pages of entities, home and sources, counted from the made-up documents.
import { HOSTILE } from "./generate.mjs";
import { valuesOf } from "./query.mjs";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK_HOURS = 168;

const FIELDS = {
  ip: ["destination.ip", "related.ip", "source.ip"],
  user: ["related.user", "user.name"],
  account: ["cloud.account.id"],
  country: ["source.geo.country_name"],
  asn: ["source.as.organization.name"],
  action: ["event.action"],
};
const SEEN_WITH = {
  ip: ["user.name", "event.action", "user_agent.original", "destination.port", "cloud.account.id", "source.ip"],
  user: ["source.ip", "event.action", "cloud.region", "user_agent.original"],
};
const KINDS = { "source.ip": "ip", "destination.ip": "ip", "user.name": "user", "event.action": "action" };
const STEPS = [60_000, 300_000, 900_000, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 7 * DAY];

const has = (fields, value) => (event) =>
  fields.some((field) => valuesOf(event.doc, field).some((found) => String(found) === value));

function top(events, field, size) {
  const counts = new Map();
  for (const { doc } of events) {
    for (const value of new Set(valuesOf(doc, field).map(String))) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .map(([v, n]) => ({ v, n }))
    .sort((a, b) => b.n - a.n)
    .slice(0, size);
}

/** The answer of `/api/v1/entities/…`, or `null` for a type there is none of. */
export function entity(events, type, value, from, to) {
  const fields = FIELDS[type];
  if (!fields) return null;
  const mine = events.filter(has(fields, value));
  const length = to - from;
  const within = (start, end) => mine.filter(({ time }) => time >= start && time < end);
  const [now, before] = [within(from, to), within(from - length, from)];
  const interval = STEPS.find((step) => length / step <= 32) ?? 30 * DAY;
  const bars = (some, start) => {
    const out = Array.from({ length: Math.ceil(length / interval) }, () => 0);
    for (const { time } of some) out[Math.min(out.length - 1, Math.floor((time - start) / interval))] += 1;
    return out;
  };
  const types = [...new Set([...now, ...before].map(({ doc }) => doc["@log_type"]))];
  const of = (some, name) => some.filter(({ doc }) => doc["@log_type"] === name);
  const outcomes = now.filter(({ doc }) => doc.event?.outcome);
  const today = Math.floor(Date.now() / DAY);
  const days = Array.from({ length: 30 }, (_, at) => {
    const day = today - 29 + at;
    return mine.filter(({ time }) => Math.floor(time / DAY) === day).length;
  });
  const times = mine.map(({ time }) => time);
  const geo = mine.map(({ doc }) => doc.source?.geo).find(Boolean);
  const listed = type === "ip" && value === "203.0.113.5";
  return {
    type,
    value,
    fields,
    first_seen: times.length ? new Date(Math.min(...times)).toISOString() : null,
    last_seen: times.length ? new Date(Math.max(...times)).toISOString() : null,
    total: mine.length,
    in_window: now.length,
    before_window: before.length,
    failed: outcomes.filter(({ doc }) => doc.event.outcome === "failure").length,
    with_outcome: outcomes.length,
    rarity: {
      seen_days: days.filter((count) => count > 0).length,
      baseline_days: 30,
      days,
      peers: 812,
      peers_on_more_days: 640,
      is_cut: false,
    },
    geo: listed
      ? {
          city_name: "Osaka",
          country_name: "Japan",
          country_iso_code: "JP",
          location: { lon: 135.5, lat: 34.7 },
        }
      : type === "ip" && geo
        ? { country_name: "Japan", country_iso_code: geo.country_iso_code }
        : null,
    as: listed ? { number: 64500, organization: { name: "Example Hosting" } } : null,
    threats: listed
      ? [
          {
            indicator: {
              provider: "abuse.ch",
              type: "botnet C2",
              description: HOSTILE[0],
              last_seen: "2026-11-02T00:00:00Z",
            },
          },
        ]
      : [],
    interval_ms: interval,
    lanes: types
      .map((log_type) => ({
        log_type,
        total: of(now, log_type).length,
        before_total: of(before, log_type).length,
        bars: bars(of(now, log_type), from),
        before: bars(of(before, log_type), from - length),
      }))
      .sort((a, b) => b.total - a.total),
    seen_with: (SEEN_WITH[type] ?? ["source.ip", "user.name", "event.action"])
      .map((field) => ({
        field,
        kind: KINDS[field] ?? null,
        values: top(now, field, 8).filter(({ v }) => v !== value),
      }))
      .filter(({ values }) => values.length > 0),
  };
}

const hourly = (events, hours, now) => {
  const out = Array.from({ length: hours }, () => 0);
  for (const { time } of events) {
    const at = hours - 1 - Math.floor((now - time) / HOUR);
    if (at >= 0 && at < hours) out[at] += 1;
  }
  return out;
};
const sum = (list) => list.reduce((total, count) => total + count, 0);

/** The answer of `/api/v1/home`. */
export function home(events, logTypes) {
  const now = Date.now();
  const volume = logTypes
    .map(({ id }, at) => {
      const bars = hourly(
        events.filter(({ doc }) => doc["@log_type"] === id),
        24,
        now,
      );
      const before = bars.map((count, hour) => Math.round(count * (0.4 + 0.3 * at) + (hour % 5)));
      return { log_type: id, total: sum(bars), before_total: sum(before), bars, before };
    })
    .filter(({ total }) => total > 0);
  const items = (field, size) =>
    top(events, field, size).map(({ v, n }, at) => ({
      value: v,
      count: n,
      first_seen: new Date(now - (at + 1) * 1.7 * HOUR).toISOString(),
      log_types: ["cloudtrail"],
    }));
  const empty = events.length === 0;
  return {
    now: new Date(now).toISOString(),
    volume,
    silent: empty
      ? []
      : [{ log_type: "route53", last_event: new Date(now - 7 * HOUR).toISOString(), usual_gap_ms: HOUR }],
    newcomers: empty
      ? []
      : [
          { kind: "country", total: 0, items: [] },
          { kind: "asn", total: 1, items: items("source.as.organization.name", 1) },
          { kind: "user", total: 3, items: items("user.name", 3) },
          { kind: "action", total: 14, items: items("event.action", 8) },
        ],
    baseline_days: empty ? 0 : 9,
    threats: { total: empty ? 0 : 41, indicators: empty ? [] : [{ v: "203.0.113.5", n: 41 }] },
  };
}

/** The answer of `/api/v1/sources`. */
export function sources(events, logTypes) {
  const now = Date.now();
  const items = logTypes
    .filter(({ last_event }) => last_event)
    .map(({ id, index, last_event }, at) => {
      const own = events.filter(({ doc }) => doc["@log_type"] === id);
      const week = hourly(own, WEEK_HOURS, now);
      const failed = at === 0 ? 137 : 0;
      return {
        log_type: id,
        index,
        state: at === 3 ? "silent" : failed ? "failing" : "good",
        last_event,
        last_object: last_event,
        usual_gap_ms: HOUR,
        lag: { events: 200, p50_ms: 61_000 * (at + 1), p95_ms: 412_000 },
        per_minute: Math.round(week.at(-1) / 6) / 10,
        events_24h: sum(week.slice(-24)),
        week,
        sums: {
          objects: 160,
          failed_objects: 0,
          size_bytes: 41_000_000,
          size_bytes_24h: 5_200_000,
          read: own.length + failed + 12,
          documents: own.length,
          excluded: 12,
          failed,
          dead_letters: failed,
          last_object: last_event,
        },
      };
    });
  return {
    now: new Date(now).toISOString(),
    items,
    unused: ["fsx_windows_audit", "msk", "workspaces_event"],
    ignored_objects: items.length ? 7 : 0,
  };
}

/** The answer of `/api/v1/sources/explain`: keys of CloudTrail are there in part, what others hold decides. */
export function whereabouts(key, rows, letters) {
  const known = /CloudTrail\//.test(key);
  const exact = rows.filter((row) => row.key === key);
  const objects = exact.length ? exact : rows.filter((row) => row.key.includes(key)).slice(0, 5);
  const failed = exact[0]?.failed ?? 0;
  return {
    key,
    bucket: null,
    verdict: exact.length ? (failed ? "some_missing" : "here") : "not_read",
    route: known
      ? {
          log_type: "cloudtrail",
          by_content: false,
          ignored: null,
          matches: [
            { log_type: "cloudtrail", pattern: "CloudTrail/|CloudTrail-Insight/", index: "log-aws-cloudtrail" },
          ],
          similar: [],
        }
      : {
          log_type: null,
          by_content: true,
          ignored: null,
          matches: [],
          similar: /trail/i.test(key)
            ? [{ log_type: "cloudtrail", pattern: "CloudTrail/|CloudTrail-Insight/", index: "log-aws-cloudtrail" }]
            : [],
        },
    objects,
    is_part: exact.length === 0,
    dead_letters: failed ? [{ reason: letters[0].reason, count: failed }] : [],
    events: exact.length
      ? { total: exact[0].documents, first: exact[0].started, last: exact[0].finished }
      : { total: 0, first: null, last: null },
  };
}
