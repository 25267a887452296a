// Reads and writes points in time: date math (`now-15m`), what people type (`2h ago`, `昨日`), ISO 8601, zones.

/** The zone that times are shown in: the browser's own, UTC, or one by its IANA name. */
export type Zone = "local" | "utc" | (string & {});

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const UNITS: Record<string, number> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };
const WORDS: Record<string, string> = {
  s: "s",
  sec: "s",
  secs: "s",
  second: "s",
  seconds: "s",
  秒: "s",
  m: "m",
  min: "m",
  mins: "m",
  minute: "m",
  minutes: "m",
  分: "m",
  h: "h",
  hr: "h",
  hrs: "h",
  hour: "h",
  hours: "h",
  時間: "h",
  d: "d",
  day: "d",
  days: "d",
  日: "d",
  w: "w",
  week: "w",
  weeks: "w",
  週: "w",
  週間: "w",
};

/** Resolves a URL time (`now`, `now-24h`, ISO 8601) to epoch milliseconds; `null` when it is neither. */
export function resolveTime(text: string, now: number): number | null {
  const math = /^now(?:([+-])(\d{1,6})([smhdw]))?$/.exec(text);
  if (math) {
    const size = math[2] === undefined ? 0 : Number(math[2]) * (UNITS[math[3] ?? ""] ?? 0);
    return math[1] === "+" ? now + size : now - size;
  }
  if (!/^\d{4}-\d\d-\d\dT/.test(text)) return null;
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? null : parsed;
}

/** Offset of the zone from UTC in minutes at a point in time, east positive. */
export function zoneOffset(zone: Zone, at: number): number {
  if (zone === "utc") return 0;
  return zone === "local" ? -new Date(at).getTimezoneOffset() : namedOffset(zone, at);
}

/** Offsets change on the quarter of an hour at most, and asking for one is slow. */
const OFFSET_STEP = 15 * MINUTE;
const offsets = new Map<string, number>();
const formats = new Map<string, Intl.DateTimeFormat>();

function namedOffset(zone: string, at: number): number {
  const key = `${zone} ${Math.floor(at / OFFSET_STEP)}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
    formats.set(zone, format);
  }
  const name = format.formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? "";
  const [, sign, hours, minutes] = /([+-])(\d{2}):?(\d{2})/.exec(name) ?? [];
  const offset = sign ? (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) : 0;
  if (offsets.size > 2000) offsets.clear();
  offsets.set(key, offset);
  return offset;
}

/** Whether this browser knows a zone by that name. */
export function isZone(name: string): boolean {
  if (name === "local" || name === "utc") return true;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The zone as an offset for the server (`+09:00`). */
export function zoneOffsetText(zone: Zone, at: number): string {
  const minutes = zoneOffset(zone, at);
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/** The zone as a person reads it: `UTC`, `Asia/Tokyo (UTC+09:00)`. */
export function zoneName(zone: Zone, at: number): string {
  if (zone === "utc") return "UTC";
  const name = zone === "local" ? Intl.DateTimeFormat().resolvedOptions().timeZone : zone;
  return name === "UTC" ? "UTC" : `${name} (UTC${zoneOffsetText(zone, at)})`;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}

/** The date parts of a moment, as seen in the zone. */
function shifted(at: number, zone: Zone): Date {
  return new Date(at + zoneOffset(zone, at) * MINUTE);
}

/** `2026-11-20 09:00:03.120`, without a zone: the zone is shown beside it. */
export function formatTime(at: number, zone: Zone): string {
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15 - DAY) return String(at);
  return shifted(at, zone).toISOString().replace("T", " ").replace("Z", "");
}

/** `2026-11-20 09:00`, or with seconds when they are not zero. */
export function formatShort(at: number, zone: Zone): string {
  const full = formatTime(at, zone);
  return full.endsWith(":00.000") ? full.slice(0, 16) : full.slice(0, 19);
}

/** A label on a time axis: only the part that differs at this step. */
export function formatTick(at: number, step: number, zone: Zone): string {
  const full = formatTime(at, zone);
  if (step >= DAY) return full.slice(0, 10);
  const midnight = full.slice(11, 16) === "00:00";
  if (step < MINUTE) return full.slice(11, 19);
  return midnight ? full.slice(5, 10) : full.slice(11, 16);
}

/** A moment written by the clock of the zone (`2026-11-20 09:00`), as epoch milliseconds. */
function fromClock(y: number, mo: number, d: number, h: number, mi: number, s: number, zone: Zone): number | null {
  const utc = Date.UTC(y, mo - 1, d, h, mi, s);
  const check = new Date(utc);
  if (check.getUTCMonth() !== mo - 1 || check.getUTCDate() !== d || h > 23 || mi > 59 || s > 59) return null;
  if (zone === "utc") return utc;
  if (zone === "local") return new Date(y, mo - 1, d, h, mi, s).getTime();
  // The offset at the first guess may be the one of the other side of a change of clocks.
  const guess = utc - zoneOffset(zone, utc) * MINUTE;
  return utc - zoneOffset(zone, guess) * MINUTE;
}

/** A range as it stands in the URL. */
export interface TimeRange {
  from: string;
  to: string;
}

/**
 * Understands what a person types into the time picker.
 *
 * `15m`, `2h ago`, `last 7 days`, `2時間前`, `yesterday`, `昨日`, `today`, `今日`, `2026-11-20`,
 * `2026-11-20 09:00`, `2026-11-20 09:00 to 10:30`, ISO 8601, and two points joined by `to`, `〜` or `/`.
 */
export function parseRange(input: string, now: number, zone: Zone): TimeRange | null {
  const text = input.trim().normalize("NFKC").toLowerCase();
  if (text === "" || text.length > 100) return null;
  if (text === "all" || text === "全期間") return { from: "all", to: "now" };

  const relative = /^(?:last |past |過去|直近)?\s*(\d{1,6})\s*([a-z]+|秒|分|時間|日|週間?)\s*(?:ago|前|間)?$/.exec(
    text,
  );
  const unit = relative ? WORDS[relative[2] ?? ""] : undefined;
  if (relative && unit) return { from: `now-${Number(relative[1])}${unit}`, to: "now" };

  const day = { yesterday: -1, 昨日: -1, today: 0, 今日: 0 }[text];
  if (day !== undefined) {
    const local = shifted(now, zone);
    const start = fromClock(local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate(), 0, 0, 0, zone);
    if (start === null) return null;
    const from = start + day * DAY;
    return { from: iso(from), to: iso(from + DAY) };
  }

  const [left, right, extra] = text.split(/\s+(?:to|and|から)\s+|\s*[〜~→]\s*|\s+-\s+/);
  if (left === undefined || extra !== undefined) return null;
  const first = parsePoint(left, now, zone);
  if (first === null) return null;
  if (right === undefined) {
    const to = first.span === 0 ? null : first.at + first.span;
    return { from: iso(first.at), to: to !== null && to <= now ? iso(to) : "now" };
  }
  const clock = /^\d{1,2}:\d{2}(:\d{2})?$/.test(right) ? `${formatTime(first.at, zone).slice(0, 10)} ${right}` : right;
  const second = parsePoint(clock, now, zone);
  if (second === null) return null;
  const end = second.at + (second.span === DAY ? DAY : 0);
  return end > first.at ? { from: iso(first.at), to: right === "now" ? "now" : iso(end) } : null;
}

function parsePoint(text: string, now: number, zone: Zone): { at: number; span: number } | null {
  if (text === "now") return { at: now, span: 0 };
  const ago = /^(?:now-)?(\d{1,6})\s*([a-z]+|秒|分|時間|日|週)\s*(?:ago|前)?$/.exec(text);
  const unit = ago ? WORDS[ago[2] ?? ""] : undefined;
  if (ago && unit) return { at: now - Number(ago[1]) * (UNITS[unit] ?? 0), span: 0 };

  const match =
    /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ t](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(z|utc|[+-]\d{2}:?\d{2})?$/.exec(
      text,
    );
  if (!match) return null;
  const [, y, mo, d, h, mi, s, offset] = match;
  const inZone = offset === undefined ? zone : "utc";
  let at = fromClock(Number(y), Number(mo), Number(d), Number(h ?? 0), Number(mi ?? 0), Number(s ?? 0), inZone);
  if (at === null) return null;
  const sign = /^([+-])(\d{2}):?(\d{2})$/.exec(offset ?? "");
  if (sign) at -= (sign[1] === "-" ? -1 : 1) * (Number(sign[2]) * HOUR + Number(sign[3]) * MINUTE);
  return { at, span: h === undefined ? DAY : 0 };
}

/** ISO 8601 in UTC, without milliseconds when they are zero. */
export function iso(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}

/** Bucket widths of the histogram, each with the text the server takes. */
const INTERVALS: [number, string][] = [
  [SECOND, "1s"],
  [5 * SECOND, "5s"],
  [10 * SECOND, "10s"],
  [30 * SECOND, "30s"],
  [MINUTE, "1m"],
  [5 * MINUTE, "5m"],
  [10 * MINUTE, "10m"],
  [15 * MINUTE, "15m"],
  [30 * MINUTE, "30m"],
  [HOUR, "1h"],
  [3 * HOUR, "3h"],
  [6 * HOUR, "6h"],
  [12 * HOUR, "12h"],
  [DAY, "1d"],
  [7 * DAY, "7d"],
  [30 * DAY, "30d"],
  [90 * DAY, "90d"],
  [365 * DAY, "365d"],
];

/** The smallest width that needs at most `most` buckets. */
export function pickInterval(range: number, most = 110): { size: number; text: string } {
  const found = INTERVALS.find(([size]) => range / size <= most) ?? INTERVALS[INTERVALS.length - 1];
  return { size: found?.[0] ?? DAY, text: found?.[1] ?? "1d" };
}

/** The range twice as wide around the same middle, never past `now` when it ended there. */
export function zoomOut(from: number, to: number): TimeRange {
  const half = (to - from) / 2;
  return { from: iso(Math.round(from - half)), to: iso(Math.round(to + half)) };
}

/** The range moved by half its width. */
export function shiftRange(from: number, to: number, direction: -1 | 1): TimeRange {
  const step = Math.round((to - from) / 2) * direction;
  return { from: iso(from + step), to: iso(to + step) };
}
