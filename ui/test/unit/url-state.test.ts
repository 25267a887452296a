// The address holds the whole view: what is written is read back, what is broken takes its default.
import { describe, expect, it } from "vitest";
import {
  addFilter,
  readFilter,
  readState,
  writeFilter,
  writeState,
  type Filter,
  type SearchState,
} from "../../src/lib/url-state";

const START = readState("");

describe("filters", () => {
  const filters: [Filter, string][] = [
    [{ field: "source.ip", value: "203.0.113.5" }, "source.ip:203.0.113.5"],
    [{ field: "user.name", value: "a:b", negated: true }, "!user.name:a:b"],
    [{ field: "error.code" }, "?error.code"],
    [{ field: "error.code", negated: true, disabled: true }, "~!?error.code"],
    [{ field: "a:b\\c", value: "" }, "a\\:b\\\\c:"],
    [{ field: "!odd", value: "x" }, "\\!odd:x"],
    [{ field: "text", value: "line\nbreak" }, "text:line\nbreak"],
  ];
  it.each(filters)("%j is written as %j and read back", (filter, text) => {
    expect(writeFilter(filter)).toBe(text);
    expect(readFilter(text)).toEqual(filter);
  });
  it.each(["", "novalue", "!", "?", ":x"])("%j is no filter", (text) => expect(readFilter(text)).toBeNull());
  it("hide after only replaces it", () => {
    const only = { field: "a", value: "1" };
    expect(addFilter([only], { ...only, negated: true })).toEqual([{ ...only, negated: true }]);
  });
});

describe("the whole state", () => {
  it("leaves out what is default", () => {
    expect(writeState(START)).toBe("");
    expect(writeState({ ...START, q: "a b" })).toBe("?q=a+b");
  });
  const states: Partial<SearchState>[] = [
    { q: 'event.outcome:failure and (a or "b c")', lang: "lucene" },
    { q: "100% + 50 & more # 日本語" },
    {
      filters: [
        { field: "source.ip", value: "2001:db8::1" },
        { field: "user_agent.name", value: "aws-cli", negated: true },
      ],
    },
    { ix: "cloudtrail", columns: [{ field: "source.ip", width: 140 }, { field: "odd,name~x%" }], sort: "asc" },
    { from: "2026-11-20T00:00:00Z", to: "2026-11-21T00:00:00Z" },
    { doc: { index: "log-aws-cloudtrail-2026-11", id: "a/b?c" }, tab: "raw" },
    { kind: "table", by: ["source.ip", "odd,name~x%"], compare: true, fieldList: false },
    { kind: "timeline", by: ["event.action"], fieldList: true, unfolded: ["a", "b,c"], every: 60 },
    { explain: { from: "2026-11-20T00:00:00Z", to: "2026-11-20T01:00:00Z" } },
  ];
  it.each(states)("%j is restored", (patch) => {
    const state = { ...START, ...patch };
    expect(readState(writeState(state))).toEqual(state);
  });
  it.each([
    ["?c=a~5,,b~abc", { columns: [{ field: "a" }, { field: "b" }] }],
    ["?doc=nothing&tab=raw", { doc: null }],
    ["?s=up&lang=sql&from=", START],
    [
      "?v=pie&by=a,a,b,c,d&cmp=yes&fl=maybe&r=7",
      { kind: "list", by: ["a", "b", "c"], compare: false, fieldList: null, every: 0 },
    ],
    ["?w=2026-11-20T01:00:00Z~2026-11-20T00:00:00Z", { explain: null }],
  ])("%s is read as far as it goes", (search, expected) => {
    expect(readState(search)).toMatchObject(expected);
  });
  it("never throws on a lone surrogate", () => expect(writeState({ ...START, q: "\ud800" })).toBe("?q=%EF%BF%BD"));
});
