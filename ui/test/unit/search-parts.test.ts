// The parts of the search page that only compute: entities, CSV, periods, groups, neighbours, zones.
import { describe, expect, it } from "vitest";
import { aroundBodies, sharedOf, usualShared } from "../../src/lib/around";
import { changeOf, moved, periodBefore } from "../../src/lib/compare";
import { csvCell, csvOf } from "../../src/lib/csv";
import { entityByForm, entityOf, entityOfEvent, entityPath, maybeUser } from "../../src/lib/entities";
import { flagOf } from "../../src/lib/flag";
import { groupBody, groupsOf, lanesOf, withBefore } from "../../src/lib/groups";
import { share } from "../../src/lib/statistics";
import { formatTime, isZone, parseRange, zoneOffset } from "../../src/lib/time";

describe("entities", () => {
  it.each([
    ["203.0.113.5", "ip"],
    [" 2001:db8::1 ", "ip"],
    ["::ffff:192.0.2.1", "ip"],
    ["123456789012", "account"],
    ["arn:aws:iam::123456789012:user/a", "arn"],
    ["i-0123456789abcdef0", "instance"],
    ["AKIAIOSFODNN7EXAMPLE", "accesskey"],
    ["256.0.113.5", null],
    ["203.0.113", null],
    ["a:b", null],
    ["eventName:x", null],
  ])("%j is %j", (text, type) => expect(entityByForm(text)?.type ?? null).toBe(type));
  it("one word may be a user, a condition is none", () => {
    expect(["root", "root*", "a b", "user.name:x", "203.0.113.5"].map(maybeUser)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
  it("fields hold entities, log types declare more", () => {
    const types = [{ entities: { ip: ["clientvpn.client-ip"], strange: ["x"] } }] as never;
    expect(entityOf("source.ip", "192.0.2.1", [])?.type).toBe("ip");
    expect(entityOf("clientvpn.client-ip", "192.0.2.1", types)?.type).toBe("ip");
    expect(entityOf("x", "y", types)).toBeNull();
    expect(entityOf("source.ip", "", [])).toBeNull();
  });
  it("an event leads on to its address first", () => {
    const event: Record<string, string> = { "user.name": "hana", "source.ip": "192.0.2.1" };
    expect(entityOfEvent((field) => event[field])?.value).toBe("192.0.2.1");
    expect(entityOfEvent(() => undefined)).toBeNull();
  });
  it("a value with a slash stays one segment", () =>
    expect(entityPath({ type: "arn", value: "arn:a/b?c" })).toBe("/e/arn/arn%3Aa%2Fb%3Fc"));
});

describe("CSV", () => {
  it.each([
    ["plain", "plain"],
    ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@a", "'@a"],
    ["\tx", "'\tx"],
    ["a,b", '"a,b"'],
    ["a\nb", '"a\nb"'],
  ])("%j is written %j", (value, cell) => expect(csvCell(value)).toBe(cell));
  it("ends its lines as the RFC says", () =>
    expect(
      csvOf([
        ["a", "b"],
        ["1", ""],
      ]),
    ).toBe("a,b\r\n1,\r\n"));
});

describe("comparison", () => {
  it("the period before has the same length and ends where this one begins", () => {
    expect(periodBefore({ from: 100, to: 150 })).toEqual({ from: 50, to: 100 });
    expect(periodBefore({ from: null, to: 150 })).toBeNull();
  });
  it.each([
    [5, 5, { kind: "same" }],
    [5, 0, { kind: "new" }],
    [0, 5, { kind: "gone" }],
    [6, 4, { kind: "more", ratio: 0.5 }],
    [1, 4, { kind: "less", ratio: -0.75 }],
  ])("%d after %d", (now, before, change) => expect(changeOf(now, before)).toEqual(change));
  it("its bars are moved over those shown", () =>
    expect(moved([{ key: 50, doc_count: 3 }], 100)).toEqual([{ key: 150, doc_count: 3 }]));
});

describe("groups", () => {
  const answer = {
    g: {
      buckets: [
        { key: "a", doc_count: 5, g: { buckets: [{ key: "x", doc_count: 2 }] } },
        { key: "b", doc_count: 4, g: { buckets: [{ key: 1, key_as_string: "true", doc_count: 4 }] } },
      ],
    },
  };
  it("nests one level per field", () => {
    const { aggs } = groupBody({ match_all: {} }, ["a", "b"]);
    expect(aggs).toEqual({
      g: { terms: { field: "a", size: 100 }, aggs: { g: { terms: { field: "b", size: 20 } } } },
    });
  });
  it("are flat and the largest first", () =>
    expect(groupsOf(answer)).toEqual([
      { values: ["b", "true"], count: 4 },
      { values: ["a", "x"], count: 2 },
    ]));
  it("of the period before are beside them, those that are gone too", () => {
    const rows = withBefore([{ values: ["a"], count: 2 }], [{ values: ["b"], count: 3 }]);
    expect(rows).toEqual([
      { values: ["a"], count: 2, before: 0 },
      { values: ["b"], count: 0, before: 3 },
    ]);
    expect(withBefore([{ values: ["a"], count: 2 }], null)[0]?.before).toBeNull();
  });
  it("are lanes over time", () => {
    const lanes = lanesOf({
      g: { buckets: [{ key: "a", doc_count: 2, t: { buckets: [{ key: 60, doc_count: 2 }] } }] },
    });
    expect(lanes).toEqual([{ value: "a", total: 2, buckets: [{ key: 60, count: 2 }] }]);
  });
});

describe("around an event", () => {
  const source = { cloud: { account: { id: "123456789012" } }, user: { name: "hana" }, interface_id: "eni-1" };
  it("account and host are shared when they are known, else the user", () => {
    expect(usualShared(sharedOf(source))).toEqual(["account", "host"]);
    expect(usualShared(sharedOf({ user: { name: "hana" } }))).toEqual(["user"]);
    expect(usualShared(sharedOf({}))).toEqual([]);
  });
  it("the event itself is left out, and the same moment belongs to what follows", () => {
    const [before, after] = aroundBodies(1000, 10, [{ field: "a", value: "b" }], "id");
    expect(JSON.stringify(before)).toContain('"lt":1000');
    expect(JSON.stringify(after)).toContain('"gte":1000');
    expect(JSON.stringify(after)).toContain('"must_not":[{"ids":{"values":["id"]}}]');
  });
});

describe("numbers and signs", () => {
  it("a share is never rounded to nothing or to all", () => {
    expect([share(0, 9), share(1, 1e6), share(999_999, 1e6), share(9, 9), share(1, 0)]).toEqual([0, 0.1, 99.9, 100, 0]);
  });
  it("a country has a flag", () => {
    expect(flagOf("JP")).toBe("🇯🇵");
    expect(flagOf("<b>")).toBe("");
  });
});

describe("named zones", () => {
  const summer = Date.UTC(2026, 6, 1, 12);
  it("follow their changes of clocks", () => {
    expect(zoneOffset("Europe/Berlin", summer)).toBe(120);
    expect(zoneOffset("Europe/Berlin", Date.UTC(2026, 0, 1))).toBe(60);
    expect(zoneOffset("Asia/Kolkata", summer)).toBe(330);
    expect(formatTime(summer, "Asia/Tokyo")).toBe("2026-07-01 21:00:00.000");
  });
  it("are read as written by their clock", () =>
    expect(parseRange("2026-07-01 09:00 to 10:00", summer, "America/New_York")).toEqual({
      from: "2026-07-01T13:00:00Z",
      to: "2026-07-01T14:00:00Z",
    }));
  it("have to exist", () =>
    expect([isZone("Asia/Tokyo"), isZone("Mars/Base"), isZone("utc")]).toEqual([true, false, true]));
});
