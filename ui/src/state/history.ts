// The queries that were run in this browser, the latest first. Kept here and nowhere else.
import { signal } from "@preact/signals";
import type { QueryLanguage } from "../lib/url-state";

const NAME = "yagura.history";
const MAX_ENTRIES = 50;
const MAX_LENGTH = 2000;

export interface PastQuery {
  q: string;
  lang: QueryLanguage;
  /** When it was last run, in epoch milliseconds. */
  at: number;
}

function load(): PastQuery[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(NAME) ?? "[]");
    if (!Array.isArray(found)) return [];
    return found
      .filter((entry: Partial<PastQuery>) => typeof entry?.q === "string" && typeof entry.at === "number")
      .map(({ q, lang, at }: PastQuery): PastQuery => ({ q, lang: lang === "lucene" ? "lucene" : "kql", at }))
      .slice(0, MAX_ENTRIES);
  } catch {
    return [];
  }
}

function save(entries: PastQuery[]): void {
  pastQueries.value = entries;
  try {
    localStorage.setItem(NAME, JSON.stringify(entries));
  } catch {
    // Storage is full or switched off: the list lasts as long as the page.
  }
}

export const pastQueries = signal<PastQuery[]>(load());

/** Puts a query first, once. */
export function remember(q: string, lang: QueryLanguage): void {
  if (!q.trim() || q.length > MAX_LENGTH) return;
  const others = pastQueries.peek().filter((entry) => entry.q !== q || entry.lang !== lang);
  save([{ q, lang, at: Date.now() }, ...others].slice(0, MAX_ENTRIES));
}

export const forgetAll = () => save([]);
