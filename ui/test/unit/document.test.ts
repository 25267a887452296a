// Documents become flat fields in groups; raw JSON is re-indented without changing a digit; queries hold the whole view.
import { describe, expect, it } from "vitest";
import { flatten, grouped, groupOf, placeOf, titleOf, valueAt } from "../../src/lib/document";
import { prettyJson } from "../../src/lib/json-text";
import { conditionOf } from "../../src/lib/query";
import { countsOf, niceTop, OTHER, seriesOf, ticks } from "../../src/lib/series";
import { readState } from "../../src/lib/url-state";

describe("flattening", () => {
  it("joins names and keeps all values", () => {
    expect(flatten({ a: { b: [1, { c: true }], "x.y": null }, d: "e" }).fields).toEqual([
      { name: "a.b", values: ["1"] },
      { name: "a.b.c", values: ["true"] },
      { name: "d", values: ["e"] },
    ]);
  });
  it("caps width and depth", () => {
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`f${at}`, at]));
    expect(flatten(wide)).toMatchObject({ omitted: 8000 });
    let deep: unknown = 1;
    for (let at = 0; at < 100; at += 1) deep = { n: deep };
    expect(flatten(deep).fields).toHaveLength(1);
  });
  it("finds values whether nested, dotted or in a list", () => {
    const source = { user_agent: { "os.name": "Other" }, list: [{ x: 1 }, { y: 2 }], "a.b": { c: 3 } };
    expect([
      valueAt(source, "user_agent.os.name"),
      valueAt(source, "list.y"),
      valueAt(source, "a.b.c"),
      valueAt(source, "no"),
    ]).toEqual(["Other", "2", "3", undefined]);
  });
});

describe("words for a document", () => {
  it.each([
    [{ event: { action: "ConsoleLogin" }, rule: { name: "x" } }, "ConsoleLogin"],
    [{ "event.action": "", rule: { name: "Default_Action" } }, "Default_Action"],
    [{ Operation: "REST.GET.OBJECT", url: { path: "/a" } }, "REST.GET.OBJECT"],
    [{ http: { request: { method: "GET" } }, url: { path: "/a" } }, "GET /a"],
    [{ source: { ip: "192.0.2.1" } }, undefined],
  ])("%j is titled %s", (source, title) => expect(titleOf(source)).toBe(title));
  it.each([
    ["example-logs", "a/b.gz", "s3://example-logs/a/b.gz"],
    ["local", "a/b.gz", "a/b.gz"],
    ["", "a/b.gz", "a/b.gz"],
  ])("an object of %j is at its address", (bucket, key, place) => expect(placeOf(bucket, key)).toBe(place));
});

describe("groups", () => {
  it.each([
    ["user.name", "who"],
    ["source.ip", "where"],
    ["event.action", "what"],
    ["cloud.region", "cloud"],
    ["http.request.method", "http"],
    ["user_agent.original", "http"],
    ["useragent", "http"],
    ["tags", "rest"],
    ["typewriter", "rest"],
    ["source", "rest"],
  ])("%s is %s", (field, group) => {
    expect(groupOf(field)).toBe(group);
  });
  it("leave the raw line to the raw view", () => expect(grouped([{ name: "@message", values: ["x"] }])).toEqual([]));
});

describe("raw JSON", () => {
  it("keeps numbers and escapes as written", () => {
    const text = '{"n":12345678901234567890,"s":"\\u0041\\n","e":[],"o":{"a":[1.10,true]}}';
    const pretty = prettyJson(text)
      ?.map((token) => token.text)
      .join("");
    expect(pretty).toBe(
      '{\n  "n": 12345678901234567890,\n  "s": "\\u0041\\n",\n  "e": [],\n  "o": {\n    "a": [\n      1.10,\n      true\n    ]\n  }\n}',
    );
  });
  it.each(["2 123456789012 eni-1 ACCEPT", "{broken", "", "12"])("%s is not re-indented", (text) =>
    expect(prettyJson(text)).toBeNull(),
  );
});

describe("the condition of a search", () => {
  it("holds time, log type, query and pills", () => {
    const state = readState("?ix=waf&f=source.ip:192.0.2.1&f=!?rule.name&f=~a:b");
    expect(conditionOf(state, { match: {} }, { from: 1, to: 2 })).toEqual({
      bool: {
        filter: [
          { range: { "@timestamp": { format: "epoch_millis", gte: 1, lt: 2 } } },
          { term: { "@log_type": "waf" } },
          { match: {} },
          { term: { "source.ip": "192.0.2.1" } },
        ],
        must_not: [{ exists: { field: "rule.name" } }],
      },
    });
  });
  it("is everything when nothing is asked", () =>
    expect(conditionOf(readState(""), null, { from: null, to: null })).toEqual({ match_all: {} }));
});

describe("the histogram", () => {
  const bucket = {
    key: 0,
    doc_count: 10,
    s: {
      buckets: [
        { key: "waf", doc_count: 3 },
        { key: "alb", doc_count: 5 },
      ],
    },
  };
  it("sums what the server left out", () =>
    expect([...countsOf(bucket)]).toEqual([
      ["waf", 3],
      ["alb", 5],
      [OTHER, 2],
    ]));
  it("orders series by size, the rest last", () =>
    expect(seriesOf([bucket], ["alb", "waf"]).map(({ id, colour }) => [id, colour])).toEqual([
      ["alb", 0],
      ["waf", 1],
      [OTHER, -1],
    ]));
  it.each([
    [1, 1],
    [7, 8],
    [1223, 1600],
    [950, 1000],
    [11, 12],
  ])("an axis for %i ends at %i", (max, top) => expect(niceTop(max)).toBe(top));
  it("labels the clock of the zone", () => {
    const hour = 3_600_000;
    expect(ticks(0, 24 * hour, 8, 9 * hour).at.map((at) => (at / hour + 9) % 3)).toEqual(
      Array.from({ length: 8 }, () => 0),
    );
  });
});
