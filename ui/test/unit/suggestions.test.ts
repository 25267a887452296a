// An empty view proposes the smallest change that helps.
import { describe, expect, it } from "vitest";
import { changesToTry, helpful } from "../../src/lib/suggestions";
import { DAY } from "../../src/lib/time";
import { readState } from "../../src/lib/url-state";

const NOW = Date.parse("2026-11-21T08:30:00Z");
const LAST_DAY = { from: NOW - DAY, to: NOW };
const kinds = (search: string, dsl: Record<string, unknown> | null, bounds = LAST_DAY) =>
  changesToTry(readState(search), dsl, bounds, NOW).map(({ suggestion }) => suggestion.kind);

describe("what is tried", () => {
  it.each([
    ["", null, ["week", "ever", "bare"]],
    ["?q=a&ix=waf&f=x:1&f=~y:2", { match: {} }, ["week", "ever", "without", "noQuery", "types", "bare"]],
  ])("for %s", (search, dsl, expected) => expect(kinds(search, dsl)).toEqual(expected));
  it("is nothing for all time without conditions", () => {
    expect(changesToTry(readState("?from=all&to=now"), null, { from: null, to: null }, NOW)).toEqual([]);
  });
  it("drops one filter and keeps the others", () => {
    const [, , without] = changesToTry(readState("?f=x:1&f=y:2"), null, LAST_DAY, NOW);
    expect(without?.suggestion.patch.filters).toEqual([{ field: "y", value: "2" }]);
    expect(JSON.stringify(without?.condition)).not.toContain('"x"');
  });
});

describe("what is proposed", () => {
  const tries = changesToTry(readState("?f=x:1"), null, LAST_DAY, NOW);
  it("is what found something", () => {
    expect(helpful(tries, [0, 5, 0, 9]).map(({ kind, count }) => [kind, count])).toEqual([["ever", 5]]);
  });
  it("is everything at once only when nothing smaller helps", () => {
    expect(helpful(tries, [0, 0, 0, 9]).map(({ kind }) => kind)).toEqual(["bare"]);
  });
});
