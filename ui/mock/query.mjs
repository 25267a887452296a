// The query side of the mock server: enough KQL to type in, enough OpenSearch DSL to answer the page.

/** By document and field, what was read once. */
const read = new WeakMap();

/** All values of a dotted field, whether nested or not. Documents never change, so each is walked once per field. */
export function valuesOf(source, path) {
  let known = read.get(source);
  if (!known) read.set(source, (known = new Map()));
  let values = known.get(path);
  if (!values) known.set(path, (values = walkFor(source, path)));
  return values;
}

function walkFor(source, path) {
  const out = [];
  const walk = (value, rest) => {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) value.forEach((item) => walk(item, rest));
    else if (rest === "") typeof value === "object" || out.push(value);
    else if (typeof value === "object") {
      if (rest in value) walk(value[rest], "");
      for (let dot = rest.indexOf("."); dot > 0; dot = rest.indexOf(".", dot + 1))
        walk(value[rest.slice(0, dot)], rest.slice(dot + 1));
    }
  };
  walk(source, path);
  return out;
}

const pattern = (text) =>
  new RegExp(
    `^${text
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replace(/\*/g, ".*")
      .replace(/\?/g, ".")}$`,
    "is",
  );
const list = (clause) => (clause === undefined ? [] : [clause].flat());

/** Turns a DSL query into a test on an event. */
export function compile(query) {
  const [[kind, body]] = Object.entries(query);
  switch (kind) {
    case "match_all":
      return () => true;
    case "bool": {
      const must = [...list(body.filter), ...list(body.must)].map(compile);
      const not = list(body.must_not).map(compile);
      const should = list(body.should).map(compile);
      return (event) =>
        must.every((test) => test(event)) &&
        !not.some((test) => test(event)) &&
        (should.length === 0 || should.some((test) => test(event)));
    }
    case "term":
    case "match":
    case "match_phrase": {
      const [[field, given]] = Object.entries(body);
      const wanted = String(given?.value ?? given?.query ?? given);
      return (event) => valuesOf(event.doc, field).some((value) => String(value) === wanted);
    }
    case "wildcard": {
      const [[field, given]] = Object.entries(body);
      const test = pattern(given.value ?? given);
      return (event) => valuesOf(event.doc, field).some((value) => test.test(String(value)));
    }
    case "range": {
      const [[field, { gte, gt, lte, lt }]] = Object.entries(body);
      const numeric = (value) =>
        typeof value === "number" ? value : field === "@timestamp" ? Date.parse(value) : Number(value);
      const test = (value) =>
        (gte === undefined || value >= numeric(gte)) &&
        (gt === undefined || value > numeric(gt)) &&
        (lte === undefined || value <= numeric(lte)) &&
        (lt === undefined || value < numeric(lt));
      if (field === "@timestamp") return (event) => test(event.time);
      return (event) => valuesOf(event.doc, field).some((value) => test(Number(value)));
    }
    case "exists":
      return (event) => valuesOf(event.doc, body.field).length > 0;
    case "ids":
      return (event) => body.values.includes(event.id);
    case "query_string": {
      const test = pattern(`*${body.query.replace(/^"|"$/g, "")}*`);
      return (event) => test.test(JSON.stringify(event.doc));
    }
  }
  throw Object.assign(new Error(`unknown query [${kind}]`), { status: 400 });
}

/** Reads KQL: fields, quotes, ranges, wildcards, and / or / not, parentheses. Throws `{from, to, code, params}`. */
export function parseKql(text) {
  const tokens = [];
  const lexer = /\s+|"(?:[^"\\]|\\.)*"|[()]|<=|>=|[:<>]|[^\s()":<>]+|"/gy;
  for (const match of text.matchAll(lexer)) {
    if (match[0].trim() === "") continue;
    tokens.push({ text: match[0], from: match.index, to: match.index + match[0].length });
  }
  const open = tokens.find((token) => token.text === '"');
  if (open) throw { from: open.from, to: text.length, code: "unclosed_quote", params: {} };
  let at = 0;
  const fields = [];
  const end = { from: text.length, to: text.length };
  const fail = (token, code) => {
    throw {
      ...(token ? { from: token.from, to: token.to } : end),
      code,
      params: token ? { character: token.text } : {},
    };
  };
  const word = () => tokens[at]?.text.toLowerCase();
  const unquote = (value) => value.replace(/^"([^]*)"$/, "$1").replace(/\\(.)/g, "$1");

  const either = () => {
    const parts = [both()];
    while (word() === "or") ((at += 1), parts.push(both()));
    return parts.length === 1 ? parts[0] : { bool: { should: parts, minimum_should_match: 1 } };
  };
  const both = () => {
    const parts = [one()];
    while (word() === "and") ((at += 1), parts.push(one()));
    return parts.length === 1 ? parts[0] : { bool: { filter: parts } };
  };
  const one = () => {
    const token = tokens[at];
    if (!token) fail(undefined, "expected_query");
    if (word() === "not") return ((at += 1), { bool: { must_not: [one()] } });
    if (token.text === "(") {
      at += 1;
      const inner = either();
      if (tokens[at]?.text !== ")") fail(token, "unclosed_parenthesis");
      at += 1;
      return inner;
    }
    if (/^([):<>]|[<>]=|and|or)$/i.test(token.text)) fail(token, "unexpected_character");
    at += 1;
    const operator = tokens[at]?.text;
    if (operator === ":" || /^[<>]=?$/.test(operator ?? "")) {
      at += 1;
      const value = tokens[at];
      if (!value) throw { ...end, code: "expected_value", params: { field: token.text } };
      fields.push({ name: token.text, from: token.from, to: token.to });
      if (value.text === "(") {
        at += 1;
        const values = [];
        while (tokens[at] && tokens[at].text !== ")") {
          if (!/^(or|and)$/i.test(tokens[at].text)) values.push(leaf(token.text, tokens[at].text));
          at += 1;
        }
        if (!tokens[at]) fail(value, "unclosed_parenthesis");
        at += 1;
        return { bool: { should: values, minimum_should_match: 1 } };
      }
      at += 1;
      if (operator !== ":")
        return {
          range: {
            [token.text]: { [{ "<": "lt", "<=": "lte", ">": "gt", ">=": "gte" }[operator]]: unquote(value.text) },
          },
        };
      return leaf(token.text, value.text);
    }
    return { query_string: { query: token.text } };
  };
  const leaf = (field, value) => {
    if (value === "*") return { exists: { field } };
    if (!value.startsWith('"') && /[*?]/.test(value))
      return { wildcard: { [field]: { value, case_insensitive: true } } };
    return { term: { [field]: unquote(value) } };
  };

  const dsl = either();
  if (tokens[at]) fail(tokens[at], tokens[at].text === ")" ? "unexpected_character" : "missing_operator");
  return { dsl, fields };
}

/** The known name closest to a wrong one, ignoring case and separators first. */
export function closest(name, known) {
  const plain = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const same = known.find((other) => plain(other) === plain(name));
  if (same) return same;
  const distance = (a, b) => {
    let row = Array.from({ length: b.length + 1 }, (_, n) => n);
    for (let i = 1; i <= a.length; i += 1) {
      const before = row;
      row = [i];
      for (let j = 1; j <= b.length; j += 1)
        row[j] = Math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    return row[b.length];
  };
  const [best] = known.map((other) => [distance(plain(name), plain(other)), other]).sort((a, b) => a[0] - b[0]);
  return best && best[0] <= 3 ? best[1] : null;
}
