// A stand-in for the server while working on the page: made-up documents, the same routes, the same headers.
//
// node mock/server.mjs [--port 8807] [--documents 20000] [--empty] [--users] [--delay MS]
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { entity, home, sources, whereabouts } from "./entities.mjs";
import { generate, HOSTILE } from "./generate.mjs";
import { aggregate, explain, fieldStats, suggest } from "./analysis.mjs";
import { keeping } from "./kept.mjs";
import { closest, compile, parseKql, valuesOf } from "./query.mjs";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const HOUR = 3_600_000;
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};
const MAX_BODY = 4_000_000;

const LOG_TYPES = [
  [
    "cloudtrail",
    "log-aws-cloudtrail-*",
    "CloudTrail",
    ["user.name", "event.action", "source.ip", "event.outcome", "cloud.region", "errorMessage"],
  ],
  [
    "vpcflowlogs",
    "log-aws-vpcflowlogs-*",
    "VPC Flow Logs",
    ["event.action", "source.ip", "destination.ip", "destination.port", "network.transport", "network.bytes"],
  ],
  [
    "alb",
    "log-aws-elb-*",
    "Application Load Balancer",
    ["source.ip", "http.request.method", "http.response.status_code", "url.domain", "url.path"],
  ],
  ["waf", "log-aws-waf-*", "WAF", ["event.action", "rule.name", "source.ip", "url.path"]],
];

/** Searches that were saved before. */
const SAVED = [
  { name: "Failed console sign-ins", url: "/search?q=eventName:ConsoleLogin+and+event.outcome:failure" },
  { name: HOSTILE[0], url: "/search?q=x" },
];

/** Starts the mock; `close` stops it. */
export async function startMock({ port = 0, documents = 20_000, empty = false, users = false, delay = 0 } = {}) {
  const anchor = Math.floor(Date.now() / HOUR) * HOUR + 1;
  const events = empty ? [] : generate(documents, anchor);
  const fieldNames = [...new Set(events.slice(0, 2000).flatMap(({ doc }) => leaves(doc)))];
  let signedIn = !users;
  const packed = new Map();
  const logTypes = LOG_TYPES.map(([id, index, title, columns]) => {
    const own = events.filter(({ doc }) => doc["@log_type"] === id);
    return {
      id,
      index,
      title: { en: title, ja: title },
      columns,
      entities: { ip: ["source.ip"] },
      severity: null,
      last_event: own[0]?.doc["@timestamp"] ?? null,
      events_24h: own.filter(({ time }) => time > Date.now() - 24 * HOUR).length,
    };
  });

  let letters = empty ? [] : makeLetters(anchor);
  const kept = keeping(events, refuse, empty ? [] : SAVED);
  const byIndex = new Map();
  /** The events of an index expression. */
  const chosen = (index) => {
    const name = String(index);
    let own = byIndex.get(name);
    if (!own) {
      const wanted = patterns(index);
      own = events.filter((event) => wanted.some((pattern) => pattern.test(event.index)));
      byIndex.set(name, own);
    }
    return own;
  };

  const counted = new Map();
  /** Counting takes long, and the events never change: the same question has the same answer. */
  const once = (question, count) => {
    if (!counted.has(question)) counted.set(question, count());
    return counted.get(question);
  };

  const api = {
    ...kept,
    "POST /api/v1/suggest": ({ json }) => suggest(chosen(json.index), fieldNames, json),
    "POST /api/v1/fields/stats": ({ json, text }) => once(text, () => fieldStats(chosen(json.index), json)),
    "POST /api/v1/fields/explain": ({ json }) => explain(chosen(json.index), json),
    "GET /api/v1/session": () =>
      signedIn
        ? {
            user: "local",
            roles: ["admin"],
            lang: null,
            tz: null,
            theme: null,
            backend: "embedded",
            features: ["retry"],
            version: "0.1.0",
            open: !users,
            csrf: users ? "1" : null,
          }
        : refuse(401, "not_signed_in"),
    "POST /api/v1/session": ({ json }) => {
      if (json.user !== "hana" || json.password !== "watchtower") refuse(401, "wrong_credentials");
      signedIn = true;
      return api["GET /api/v1/session"]();
    },
    "DELETE /api/v1/session": () => void (signedIn = false),
    "GET /api/v1/log-types": () => logTypes,
    "POST /api/v1/query/parse": ({ json }) => {
      if (json.lang === "lucene")
        return { dsl: { query_string: { query: json.q } }, tokens: [], errors: [], hints: [] };
      try {
        const { dsl, fields } = parseKql(json.q);
        const hints = fields
          .filter(({ name }) => !fieldNames.includes(name) && !name.includes("*"))
          .map(({ name, from, to }) => ({
            code: "unknown_field",
            from,
            to,
            field: name,
            did_you_mean: closest(name, fieldNames),
          }));
        return { dsl, tokens: [], errors: [], hints };
      } catch (error) {
        if (!error.code) throw error;
        return { dsl: null, tokens: [], errors: [{ message: error.code, ...error }], hints: [] };
      }
    },
    "POST /_msearch": ({ text }) => {
      const lines = text.trim().split("\n");
      const responses = [];
      for (let at = 0; at < lines.length; at += 2)
        responses.push({ status: 200, ...search(JSON.parse(lines[at]).index, JSON.parse(lines[at + 1])) });
      return { took: 1, responses };
    },
    "GET /api/v1/dead-letters": ({ query }) => deadLetters(query, letters),
    // As if every second one became an event; the others fail again.
    "POST /api/v1/dead-letters/retry": ({ json }) => {
      const chosen = letters.filter(({ id, reason }) =>
        json.ids?.length ? json.ids.includes(id) : reason === json.reason,
      );
      for (const letter of chosen) {
        letter.retries += 1;
        letter.retried = new Date().toISOString();
      }
      letters = letters.filter((letter) => !chosen.includes(letter) || Number(letter.id) % 2 === 1);
      return { accepted: chosen.length };
    },
    "GET /api/v1/ledger": ({ query }) => ledger(query, anchor, empty),
    "GET /api/v1/home": () => home(events, logTypes),
    "GET /api/v1/sources": () => sources(events, logTypes),
    "GET /api/v1/sources/explain": ({ query }) =>
      whereabouts(
        query.get("key"),
        ledger(new URLSearchParams({ limit: "999" }), anchor, empty).items,
        makeLetters(anchor),
      ),
  };

  function search(indices, body) {
    const started = performance.now();
    let found = chosen(indices).filter(compile(body.query ?? { match_all: {} }));
    const total = found.length;
    const aggregations = body.aggs && aggregate(found, body.aggs);
    if (Object.values(body.sort?.[0] ?? {})[0] === "asc") found = found.toReversed();
    if (body.search_after) {
      const place = found.findIndex(({ time, id }) => time === body.search_after[0] && id === body.search_after[1]);
      found = found.slice(place + 1);
    }
    const hits = found.slice(0, body.size ?? 10).map(({ time, index, id, doc }) => ({
      _index: index,
      _id: id,
      _score: null,
      sort: [time, id],
      ...(body._source === false ? {} : { _source: doc }),
      ...(body.fields
        ? {
            fields: Object.fromEntries(
              body.fields.map((field) => [field, valuesOf(doc, field)]).filter(([, values]) => values.length > 0),
            ),
          }
        : {}),
    }));
    return {
      took: Math.ceil(performance.now() - started),
      timed_out: false,
      _shards: { total: 4, successful: 4, skipped: 0, failed: 0 },
      hits: {
        ...(body.track_total_hits === false ? {} : { total: { value: total, relation: "eq" } }),
        max_score: null,
        hits,
      },
      ...(aggregations ? { aggregations } : {}),
    };
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://mock");
    const route = `${request.method} ${url.pathname}`;
    const send = (status, body, headers = {}) => {
      const pack = /gzip/.test(request.headers["accept-encoding"] ?? "") && body.length > 500;
      response.writeHead(status, {
        "content-security-policy": CSP,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        vary: "accept-encoding",
        ...(pack ? { "content-encoding": "gzip" } : {}),
        ...headers,
      });
      if (!pack) return response.end(body);
      // Files of the page are packed once, as the real server has them packed beforehand.
      const known = packed.get(headers.etag);
      const bytes = known ?? gzipSync(body, { level: headers.etag ? 9 : 1 });
      if (headers.etag) packed.set(headers.etag, bytes);
      response.end(bytes);
    };
    const json = (status, value) =>
      send(status, JSON.stringify(value), { "content-type": "application/json", "cache-control": "no-store" });
    try {
      const text = request.method === "GET" ? "" : await readBody(request);
      const input = {
        query: url.searchParams,
        text,
        get json() {
          return JSON.parse(text || "{}");
        },
      };
      const apart = /^\/([^/]+)\/(_search|_field_caps|_doc)(?:\/(.+))?$/.exec(url.pathname);
      if (
        !signedIn &&
        (apart || url.pathname.startsWith("/_") || (url.pathname.startsWith("/api/") && !route.endsWith("/session")))
      )
        refuse(401, "not_signed_in");
      if (delay && request.method === "POST") await new Promise((resolve) => setTimeout(resolve, delay));
      const link = /^\/l\/([^/]+)$/.exec(url.pathname);
      if (link) {
        const target = kept.linkTo(link[1]) ?? refuse(404, "no_such_link", { id: link[1] });
        return send(302, "", { location: target });
      }
      const file = /^\/api\/v1\/exports\/([^/]+)\/file$/.exec(url.pathname);
      if (file) {
        const { id, format, text: body } = kept.exportFile(file[1]) ?? refuse(404, "no_such_export", { id: file[1] });
        return send(200, body, {
          "content-type": format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson",
          "content-disposition": `attachment; filename="yagura-${id}.${format}"`,
        });
      }
      const [, stem, id] = /^(.*\/api\/v1\/(?:saved-searches|exports)\/)([^/]+)$/.exec(route) ?? [];
      const handler = api[route] ?? (stem && api[`${stem}:id`]);
      if (handler) {
        input.id = id && decodeURIComponent(id);
        const answer = handler(input);
        return answer === undefined ? send(204, "") : json(200, answer);
      }
      if (apart?.[2] === "_search") return json(200, search(decodeURIComponent(apart[1]), input.json));
      if (apart?.[2] === "_field_caps")
        return json(200, {
          indices: [],
          fields: Object.fromEntries(fieldNames.map((name) => [name, { keyword: { aggregatable: true } }])),
        });
      if (apart?.[2] === "_doc") {
        const [index, id] = [decodeURIComponent(apart[1]), decodeURIComponent(apart[3])];
        const found = events.find((event) => event.index === index && event.id === id);
        return json(
          found ? 200 : 404,
          found
            ? { _index: index, _id: id, found: true, _source: found.doc }
            : { _index: index, _id: id, found: false },
        );
      }
      const about = /^\/api\/v1\/entities\/([^/]+)\/([^/]+)$/.exec(url.pathname);
      if (about) {
        const [from, to] = ["from", "to"].map((name) => Number(url.searchParams.get(name)));
        const found = entity(events, about[1], decodeURIComponent(about[2]), from, to);
        return found ? json(200, found) : refuse(404, "no_such_entity_type", { type: about[1] });
      }
      if (url.pathname.startsWith("/api/")) refuse(404, "no_such_endpoint");
      await sendFile(url.pathname, request, send);
    } catch (error) {
      if (error.refusal) return json(error.status, error.refusal);
      json(error.status ?? 500, {
        error: { type: "mock", reason: String(error.message) },
        status: error.status ?? 500,
      });
    }
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  };
}

/** An index expression as patterns. */
function patterns(indices) {
  return [indices]
    .flat()
    .join(",")
    .split(",")
    .map((name) => new RegExp(`^${name.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*")}$`));
}

function refuse(status, code, params = {}) {
  throw Object.assign(new Error(code), { status, refusal: { code, params, request_id: "mock" } });
}

async function readBody(request) {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > MAX_BODY) refuse(413, "body_too_large");
  }
  return text;
}

async function sendFile(path, request, send) {
  const known = extname(path) in TYPES && path !== "/index.html";
  const name = known ? normalize(path).replace(/^(\.\.[/\\])+/, "") : "index.html";
  try {
    const bytes = await readFile(join(DIST, name));
    const etag = `"${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}"`;
    const cache = name.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
    const headers = { etag, "cache-control": cache, "content-type": TYPES[extname(name)] };
    if (request.headers["if-none-match"] === etag) send(304, "", headers);
    else send(200, bytes, headers);
  } catch {
    send(404, known ? "not found" : "run `npm run build` first", { "content-type": "text/plain" });
  }
}

function leaves(doc, prefix = "") {
  return Object.entries(doc).flatMap(([key, value]) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? leaves(value, `${prefix}${key}.`)
      : value == null
        ? []
        : [prefix + key],
  );
}

const REASONS = ["pattern_mismatch", "no_timestamp", "broken_json"];

function makeLetters(anchor) {
  return Array.from({ length: 137 }, (_, at) => {
    const raw =
      at % 5 === 0
        ? HOSTILE[at % HOSTILE.length]
        : `{"eventVersion":"1.09","eventTime":"2026-13-${at}","eventName":"Con`;
    return {
      id: String(1000 - at),
      object: String((at % 7) * 8),
      retried: null,
      retries: 0,
      bucket: "example-logs",
      key: `AWSLogs/123456789012/CloudTrail/part-${at % 7}.json.gz`,
      line: at % 3 === 2 ? null : at + 1,
      byte_offset: at * 512,
      reason: REASONS[at % 3],
      detail: "cannot parse `eventTime` `2026-13-01` as ISO 8601",
      raw,
      raw_bytes: raw.length,
      raw_truncated: false,
      raw_lossy: false,
      log_type: at % 9 === 0 ? null : "cloudtrail",
      parser_version: "0.1.0",
      time: new Date(anchor - at * 60_000).toISOString(),
    };
  });
}

function deadLetters(query, all) {
  const base = all.filter(
    (letter) =>
      (!query.get("object") || letter.object === query.get("object")) && letter.raw.includes(query.get("text") ?? ""),
  );
  const chosen = base.filter((letter) => !query.get("reason") || letter.reason === query.get("reason"));
  const counts = REASONS.map((reason) => ({
    reason,
    count: chosen.filter((letter) => letter.reason === reason).length,
  })).filter(({ count }) => count > 0);
  return { counts, ...page(chosen, query) };
}

function ledger(query, anchor, empty) {
  const all = empty
    ? []
    : Array.from({ length: 160 }, (_, at) => {
        const read = 500 + ((at * 7919) % 4000);
        const failed = at % 8 === 0 ? 1 + (at % 5) : 0;
        const left = at % 3 === 0 ? at % 40 : 0;
        const started = anchor - at * 240_000;
        return {
          id: String(at),
          bucket: "example-logs",
          key: `AWSLogs/123456789012/${["CloudTrail", "vpcflowlogs", "elasticloadbalancing"][at % 3]}/ap-northeast-1/2026/11/20/part-${at}.log.gz`,
          size_bytes: read * 97,
          log_type: ["cloudtrail", "vpcflowlogs", "alb"][at % 3],
          read,
          documents: read - failed - left,
          drifted: 0,
          excluded: left ? [{ reason: "condition", count: left }] : [],
          failed,
          started: new Date(started).toISOString(),
          finished: new Date(started + 300 + at * 7).toISOString(),
          status: at % 23 === 7 ? "ignored" : "loaded",
          status_reason: at % 23 === 7 ? "own_log" : null,
        };
      });
  const chosen = all.filter(
    (row) =>
      row.key.includes(query.get("text") ?? "") &&
      (!query.get("with_failures") || row.failed > 0) &&
      (!query.get("status") || row.status === query.get("status")),
  );
  const sum = (of) => chosen.reduce((total, row) => total + of(row), 0);
  const totals = {
    objects: chosen.length,
    size_bytes: sum((row) => row.size_bytes),
    read: sum((row) => row.read),
    documents: sum((row) => row.documents),
    drifted: sum((row) => row.drifted),
    excluded: sum((row) => row.excluded.reduce((total, { count }) => total + count, 0)),
    failed: sum((row) => row.failed),
  };
  return { totals, ...page(chosen, query) };
}

function page(all, query) {
  const start = Number(query.get("cursor") ?? 0);
  const limit = Number(query.get("limit") ?? 100);
  return { items: all.slice(start, start + limit), next: start + limit < all.length ? String(start + limit) : null };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const option = (name, fallback) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? fallback : Number(process.argv[at + 1]);
  };
  const { url } = await startMock({
    port: option("port", 8807),
    documents: option("documents", 20_000),
    delay: option("delay", 0),
    empty: process.argv.includes("--empty"),
    users: process.argv.includes("--users"),
  });
  console.log(`mock server at ${url}`);
}
