// Texts and numbers in the reader's language. Keys are typed: a missing one does not compile.
import { signal } from "@preact/signals";
import { en } from "./en";
import { ja } from "./ja";

export type Language = "en" | "ja";
export type Key = keyof typeof en;
export type Dictionary = Record<Key, string>;
export type Params = Record<string, string | number>;

/** The stems of keys that come as `.one` and `.other`. */
export type PluralKey = {
  [K in Key]: K extends `${infer Stem}.other` ? (`${Stem}.one` extends Key ? Stem : never) : never;
}[Key];

const DICTIONARIES: Record<Language, Dictionary> = { en, ja };

/** The language of the page. Components that call `t` follow it. */
export const language = signal<Language>("en");

/** Stretches every text by two fifths, so that one can see where a longer language would not fit. */
export const pseudo = signal(false);

/** The text of a key with its `{parameters}` filled in. */
export function t(key: Key, params: Params = {}): string {
  const text = fill(DICTIONARIES[language.value][key], params);
  return pseudo.value ? `[${text} ${"~".repeat(Math.ceil(text.length * 0.4))}]` : text;
}

const pluralRules: Record<Language, Intl.PluralRules> = {
  en: new Intl.PluralRules("en"),
  ja: new Intl.PluralRules("ja"),
};

/** The text of a countable key; `{n}` is the number, written for the language. */
export function tn(stem: PluralKey, n: number, params: Params = {}): string {
  const form = pluralRules[language.value].select(n) === "one" ? "one" : "other";
  return t(`${stem}.${form}` as Key, { n: formatNumber(n), ...params });
}

/** The text for a code the server sent, or the fallback key when this page does not know the code. */
export function tCode(prefix: string, code: string, fallback: Key, params: Params = {}): string {
  const key = `${prefix}.${code}`;
  return key in en && key !== fallback ? t(key as Key, params) : t(fallback, { ...params, code });
}

function fill(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

const formats = new Map<string, Intl.NumberFormat>();

/** A number as the reader's language writes it. Making a format takes long, so each is made once. */
export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  const key = `${language.value} ${Object.values(options).join()}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language.value, options);
    formats.set(key, format);
  }
  return format.format(value);
}

/** `41%`, `0.3%`; of a number from 0 to 100. */
export function formatPercent(percent: number, sign = false): string {
  return formatNumber(percent / 100, {
    style: "percent",
    maximumFractionDigits: Math.abs(percent) < 10 ? 1 : 0,
    signDisplay: sign ? "exceptZero" : "auto",
  });
}

/** `1.4 MB`, with decimal units. */
export function formatBytes(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const step = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return formatNumber(bytes / 1000 ** step, {
    style: "unit",
    unit: units[step] ?? "byte",
    unitDisplay: "short",
    maximumFractionDigits: step === 0 ? 0 : 1,
  });
}

/** `12 ms`, `3.4 s`. */
export function formatDuration(ms: number): string {
  const seconds = ms >= 1000;
  return formatNumber(seconds ? ms / 1000 : ms, {
    style: "unit",
    unit: seconds ? "second" : "millisecond",
    unitDisplay: "short",
    maximumFractionDigits: seconds ? 1 : 0,
  });
}

/** `1 minute`, `12 hours`, for an interval such as `1m`. */
export function formatInterval(text: string): string {
  const [, count, unit] = /^(\d+)([smhdw])$/.exec(text) ?? [];
  return count ? `${count} ${tn(`unit.${unit}` as PluralKey, Number(count))}` : text;
}
