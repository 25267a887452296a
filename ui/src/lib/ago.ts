// Spans of time in words: `2 hours ago`, `3 days`.
import { formatNumber, language } from "../i18n";
import { DAY, HOUR, MINUTE, SECOND } from "./time";

const UNITS: [number, Intl.RelativeTimeFormatUnit][] = [
  [365 * DAY, "year"],
  [30 * DAY, "month"],
  [DAY, "day"],
  [HOUR, "hour"],
  [MINUTE, "minute"],
  [SECOND, "second"],
];

function pick(span: number): { size: number; unit: Intl.RelativeTimeFormatUnit } {
  const found = UNITS.find(([size]) => Math.abs(span) >= size);
  return found ? { size: found[0], unit: found[1] } : { size: SECOND, unit: "second" };
}

/** How long ago a moment was, or in how long it will be. */
export function ago(at: number, now: number): string {
  const { size, unit } = pick(now - at);
  return new Intl.RelativeTimeFormat(language.value, { numeric: "always" }).format(
    -Math.trunc((now - at) / size),
    unit,
  );
}

/** A length of time, with one decimal where it is short. */
export function span(ms: number): string {
  const { size, unit } = pick(ms);
  const value = ms / size;
  return formatNumber(ms < SECOND ? ms : value, {
    style: "unit",
    unit: unit === "second" && ms < SECOND ? "millisecond" : unit,
    unitDisplay: "short",
    maximumFractionDigits: value < 10 && ms >= SECOND ? 1 : 0,
  });
}
