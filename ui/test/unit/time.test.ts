// Times as people type them, as the address holds them, and as the page shows them.
import { describe, expect, it } from "vitest";
import {
  DAY,
  formatShort,
  formatTick,
  formatTime,
  HOUR,
  parseRange,
  pickInterval,
  resolveTime,
  shiftRange,
  zoomOut,
} from "../../src/lib/time";

const NOW = Date.parse("2026-11-21T08:30:00Z");

describe("typed ranges", () => {
  it.each([
    ["15m", "now-15m", "now"],
    ["2h ago", "now-2h", "now"],
    ["2 hours ago", "now-2h", "now"],
    ["last 7 days", "now-7d", "now"],
    ["2時間前", "now-2h", "now"],
    ["直近30分", "now-30m", "now"],
    ["１５m", "now-15m", "now"],
    ["all", "all", "now"],
    ["yesterday", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"],
    ["昨日", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"],
    ["今日", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"],
    ["2026-11-20", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"],
    ["2026-11-20 09:00", "2026-11-20T09:00:00Z", "now"],
    ["2026-11-20 09:00 to 10:30", "2026-11-20T09:00:00Z", "2026-11-20T10:30:00Z"],
    ["2026/11/19 〜 2026/11/20", "2026-11-19T00:00:00Z", "2026-11-21T00:00:00Z"],
    ["2026-11-20T09:00:00+09:00 to now", "2026-11-20T00:00:00Z", "now"],
    ["3h ago to 1h ago", "2026-11-21T05:30:00Z", "2026-11-21T07:30:00Z"],
  ])("%s", (text, from, to) => expect(parseRange(text, NOW, "utc")).toEqual({ from, to }));
  it.each([
    "",
    "soon",
    "15x",
    "2026-13-01",
    "2026-02-30",
    "2026-11-20 25:00",
    "2026-11-20 10:00 to 09:00",
    "x".repeat(200),
  ])("%s is refused", (text) => {
    expect(parseRange(text, NOW, "utc")).toBeNull();
  });
});

describe("times in the address", () => {
  it.each([
    ["now", NOW],
    ["now-24h", NOW - DAY],
    ["now+1h", NOW + HOUR],
    ["2026-11-21T08:30:00Z", NOW],
    ["yesterday", null],
    ["now-1y", null],
    ["2026-99-99T00:00:00Z", null],
  ])("%s", (text, expected) => {
    expect(resolveTime(text, NOW)).toBe(expected);
  });
});

describe("shown times", () => {
  it("are written in full, short and as ticks", () => {
    expect(formatTime(NOW + 120, "utc")).toBe("2026-11-21 08:30:00.120");
    expect(formatShort(NOW, "utc")).toBe("2026-11-21 08:30");
    expect(formatShort(NOW + 5000, "utc")).toBe("2026-11-21 08:30:05");
    expect(formatTick(NOW, HOUR, "utc")).toBe("08:30");
    expect(formatTick(Date.parse("2026-11-21T00:00:00Z"), HOUR, "utc")).toBe("11-21");
  });
  it("survive what is no time", () => expect(formatTime(Number.NaN, "utc")).toBe("NaN"));
});

describe("windows", () => {
  it("get the smallest interval that fits", () => {
    expect(pickInterval(DAY).text).toBe("15m");
    expect(pickInterval(60_000).text).toBe("1s");
    expect(pickInterval(1000 * 365 * DAY).text).toBe("365d");
  });
  it("zoom out twofold and shift by half", () => {
    expect(zoomOut(NOW - HOUR, NOW + HOUR)).toEqual({ from: "2026-11-21T06:30:00Z", to: "2026-11-21T10:30:00Z" });
    expect(shiftRange(NOW - HOUR, NOW + HOUR, -1)).toEqual({
      from: "2026-11-21T06:30:00Z",
      to: "2026-11-21T08:30:00Z",
    });
  });
});
