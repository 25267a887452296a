// The query as the server reads it. What was asked while typing is not asked again on Enter.
import { parseQuery } from "../api/client";
import type { ParsedQuery } from "../api/types";
import type { QueryLanguage } from "../lib/url-state";

/** How long an answer counts; the fields that there are may change. */
const FRESH_MS = 60_000;

let last: { key: string; until: number; answer: Promise<ParsedQuery> } | null = null;

export function parse(q: string, lang: QueryLanguage, index: string): Promise<ParsedQuery> {
  const key = JSON.stringify([q, lang, index]);
  if (last?.key === key && Date.now() < last.until) return last.answer;
  const answer = parseQuery(q, lang, index);
  const mine = { key, until: Date.now() + FRESH_MS, answer };
  last = mine;
  answer.catch(() => {
    if (last === mine) last = null;
  });
  return answer;
}
