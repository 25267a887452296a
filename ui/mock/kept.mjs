// What the mock server keeps for its readers: saved searches, short links, exports, and which entities are new.
import { compile, valuesOf } from "./query.mjs";

const DAY = 86_400_000;

export function keeping(events, refuse, before) {
  let next = 1;
  const links = new Map();
  const exports = new Map();
  const stamp = () => new Date().toISOString();
  const made = (search) => ({ id: String(next++), ...search, created: stamp(), changed: stamp() });
  let saved = before.map(made);

  const checkName = (name, id) => {
    if (saved.some((search) => search.name === name && search.id !== id)) refuse(409, "name_taken", { name });
  };
  const find = (id) => saved.find((search) => search.id === id) ?? refuse(404, "no_such_saved_search", { id });

  function startExport({ query, format, fields, oldest_first }) {
    const test = compile(query ?? { match_all: {} });
    const found = events.filter(test);
    if (oldest_first) found.reverse();
    const id = String(next++);
    const text =
      format === "csv"
        ? [
            fields.join(","),
            ...found.map(({ doc }) => fields.map((field) => cell(valuesOf(doc, field).join(" "))).join(",")),
          ]
            .map((line) => `${line}\r\n`)
            .join("")
        : found.map(({ doc }) => `${JSON.stringify(doc)}\n`).join("");
    exports.set(id, { id, format, text, total: found.length, steps: 0 });
    return job(id);
  }

  function job(id) {
    const known = exports.get(id) ?? refuse(404, "no_such_export", { id });
    const part = Math.min(1, known.steps / 3);
    known.steps += 1;
    const state = part === 1 ? "done" : "running";
    return {
      id,
      state,
      format: known.format,
      written: Math.floor(known.total * part),
      total: known.total,
      bytes: Math.floor(known.text.length * part),
      is_cut: false,
    };
  }

  return {
    "GET /api/v1/saved-searches": () => saved,
    "POST /api/v1/saved-searches": ({ json: { name, url } }) => {
      checkName(name);
      const search = made({ name, url });
      saved = [...saved, search].sort((a, b) => (a.name < b.name ? -1 : 1));
      return search;
    },
    "PUT /api/v1/saved-searches/:id": ({ json: { name, url }, id }) => {
      checkName(name, id);
      return Object.assign(find(id), { name, url, changed: stamp() });
    },
    "DELETE /api/v1/saved-searches/:id": ({ id }) => {
      find(id);
      saved = saved.filter((search) => search.id !== id);
    },
    "POST /api/v1/links": ({ json: { url } }) => {
      const id = [...links].find(([, known]) => known === url)?.[0] ?? `a${(next++).toString(16)}`;
      links.set(id, url);
      return { id, path: `/l/${id}` };
    },
    "POST /api/v1/exports": ({ json }) => startExport(json),
    "GET /api/v1/exports/:id": ({ id }) => job(id),
    "DELETE /api/v1/exports/:id": ({ id }) => void exports.delete(id),
    "POST /api/v1/enrich": ({ json: { values } }) => ({
      baseline_days: 7,
      items: values.map(({ type, value }) => {
        const first = firstSeen(events, value);
        return {
          type,
          value,
          first_seen: first && new Date(first).toISOString(),
          new: first > Date.now() - DAY,
          geo: null,
          as: null,
          threats: [],
        };
      }),
    }),
    linkTo: (id) => links.get(id),
    exportFile: (id) => exports.get(id),
  };
}

const cell = (text) => {
  const inert = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
};

const seen = new WeakMap();
const FIELDS = ["related.ip", "related.user", "user.name", "cloud.account.id", "interface_id", "url.domain"];

/** The first event of a value, by an index that is made once. */
function firstSeen(events, value) {
  if (!seen.has(events)) {
    const index = new Map();
    for (const { doc, time } of events)
      for (const field of FIELDS)
        for (const found of valuesOf(doc, field))
          index.set(String(found), Math.min(index.get(String(found)) ?? time, time));
    seen.set(events, index);
  }
  return seen.get(events).get(value) ?? null;
}
