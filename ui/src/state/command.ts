// What the command box offers: entities, fields and values from the server, saved and past queries, pages.
import { multiSearch, suggest } from "../api/client";
import type { Suggestion } from "../api/types";
import { t, type Key } from "../i18n";
import { entityByForm, entityPath, maybeUser, type Entity } from "../lib/entities";
import { countBody, indexFor } from "../lib/query";
import { navigate } from "../router";
import { pastQueries } from "./history";
import { savedSearches } from "./saved";
import { setView, shownRange, view } from "./search";
import { logTypes } from "./session";

export type ItemKind = "entity" | "field" | "value" | "saved" | "past" | "page";

/** One line below the box: a text that is put in, or something that happens at once. */
export interface Item {
  kind: ItemKind;
  text: string;
  /** A few words behind it: a count, a type. */
  detail: string;
  /** What takes the place of the word; for the others what choosing it does. */
  insert: string | (() => void);
}

export interface Offer {
  from: number;
  to: number;
  items: Item[];
}

const LIMIT = 20;
const MAX_PAST = 6;
const MAX_SAVED = 5;

/** Places that can be named in the box. */
const PAGES: { path: string; label: Key }[] = [
  { path: "/", label: "nav.home" },
  { path: "/search", label: "nav.search" },
  { path: "/sources", label: "nav.sources" },
  { path: "/dead-letters", label: "nav.dead" },
  { path: "/ledger", label: "nav.ledger" },
];

const contains = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());

/** What fits a text with the cursor at `cursor`; the server looks through all values, not through the loaded rows. */
export async function offer(text: string, cursor: number, signal: AbortSignal): Promise<Offer> {
  const whole = text.trim();
  const local = [...saved(whole), ...past(whole), ...pages(whole)];
  if (whole === "") return { from: 0, to: text.length, items: local };
  const [answer, user] = await Promise.all([fromServer(text, cursor, signal), userNamed(whole)]);
  const entity = entityByForm(whole) ?? user;
  const items = answer.items.filter(({ kind }) => kind !== "entity").map(itemOf);
  // Whole-line offers replace everything; a field or value only its word.
  const wholeLine = items.length === 0 || entity !== null || local.length === 0 ? local : local.slice(0, 3);
  return {
    from: answer.from,
    to: answer.to,
    items: [...(entity ? [entityItem(entity)] : []), ...items, ...wholeLine],
  };
}

async function fromServer(text: string, cursor: number, signal: AbortSignal) {
  const range = shownRange();
  const index = indexFor(view.peek().ix, logTypes.peek());
  try {
    const times = range ? { from: Math.floor(range.from), to: Math.ceil(range.to) } : {};
    return await suggest({ index, q: text, cursor, limit: LIMIT, ...times }, signal);
  } catch {
    // Without an answer the box still takes what is typed.
    return { from: cursor, to: cursor, items: [] };
  }
}

function itemOf({ kind, text, insert, count, type }: Suggestion): Item {
  const detail = kind === "field" ? (type ?? "") : count == null ? "" : t("search.suggest.count", { n: count });
  return { kind: kind === "field" ? "field" : "value", text, detail, insert };
}

export function entityItem(entity: Entity): Item {
  return {
    kind: "entity",
    text: t("search.openEntity", { value: entity.value }),
    detail: t(`entity.type.${entity.type}`),
    insert: () => navigate(entityPath(entity)),
  };
}

function saved(part: string): Item[] {
  return (savedSearches.value ?? [])
    .filter(({ name }) => contains(name, part))
    .slice(0, MAX_SAVED)
    .map(({ name, url }) => ({ kind: "saved", text: name, detail: t("saved.kind"), insert: () => navigate(url) }));
}

function past(part: string): Item[] {
  return pastQueries.value
    .filter(({ q }) => q !== part && contains(q, part))
    .slice(0, MAX_PAST)
    .map(({ q, lang }) => ({ kind: "past", text: q, detail: t("history.kind"), insert: () => setView({ q, lang }) }));
}

function pages(part: string): Item[] {
  return PAGES.filter(({ label }) => contains(t(label), part)).map(({ path, label }) => ({
    kind: "page",
    text: t(label),
    detail: t("search.suggest.page"),
    insert: () => navigate(path),
  }));
}

// Users ------------------------------------------------------------------------------------------

const WAIT_MS = 400;
let lastUser: { name: string; answer: Promise<Entity | null> } | null = null;

/** The user with exactly this name, if any log knows one. */
export function userNamed(text: string): Promise<Entity | null> {
  const name = text.trim();
  if (!maybeUser(name)) return Promise.resolve(null);
  if (lastUser?.name === name) return lastUser.answer;
  const should = ["user.name", "related.user"].map((field) => ({ term: { [field]: name } }));
  const answer = multiSearch("*", [{ ...countBody({ bool: { should, minimum_should_match: 1 } }) }]).then(
    ([found]): Entity | null => ((found?.hits.total?.value ?? 0) > 0 ? { type: "user", value: name } : null),
    () => null,
  );
  lastUser = { name, answer };
  return answer;
}

/** The entity a whole line names: by its form at once, a user after asking; a slow server is not waited for. */
export function entityNamed(text: string): Promise<Entity | null> {
  const found = entityByForm(text);
  if (found) return Promise.resolve(found);
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), WAIT_MS));
  return Promise.race([userNamed(text), late]);
}
