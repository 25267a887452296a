// The keyboard: tables of single letters, active only while no input has the focus and the reader wants them.
import { effect, signal } from "@preact/signals";
import { t } from "../i18n";
import { entityOf, entityOfEvent, entityPath } from "../lib/entities";
import { cellValues } from "../lib/cells";
import { canGoBack, navigate, place } from "../router";
import { showField } from "./fields";
import { activeCell, currentValue, gridValue, lastEntity } from "./focus";
import { copyText, showNote } from "./live";
import { closeEvent, openEvent, openRow } from "./document";
import { addPill, rows, setView, shiftTime, toggleColumn, view, zoomOutTime } from "./search";
import { clearPicked, copyPicked, pickedRows, togglePicked } from "./selection";
import { logTypes } from "./session";
import { letterKeys, toggleTheme } from "./settings";
import { copyLink } from "./share";

export const helpOpen = signal(false);
export const settingsOpen = signal(false);

/** Set by the command box and the lists that can be filtered. */
export const focusCommand = { run: () => {} };
export const focusFieldFilter = { run: () => showFieldFilter() };
export const focusDetailFilter = { run: () => {} };
/** Set by the table: brings a row into view. */
export const revealRow = { run: (_row: number) => {} };

/** The list of fields is on its way and its filter wants the focus. */
export const fieldFilterWanted = { now: false };

/** Where no list of fields is shown, `f` brings it first. */
export function showFieldFilter(): void {
  fieldFilterWanted.now = true;
  setView({ fieldList: true }, "replace");
}

/** The command box is on the search page; from elsewhere it is reached by going there. */
export function goToCommand(): void {
  if (place.peek().path === "/search") return focusCommand.run();
  navigate(`/search${lastSearchText()}`);
  // The box is there once the page has been drawn.
  requestAnimationFrame(() => setTimeout(() => focusCommand.run()));
}

const lastSearchText = () => {
  const { q: _q, ...rest } = view.peek();
  return rest.from === "now-24h" ? "" : `?from=${encodeURIComponent(rest.from)}&to=${encodeURIComponent(rest.to)}`;
};

/** Moves the active row, and the open event with it. */
export function moveRow(step: number): void {
  const count = rows.peek().length;
  if (count === 0) return;
  const open = openRow.peek();
  const from = open >= 0 ? open : activeCell.peek().row;
  const row = Math.max(0, Math.min(count - 1, from + step));
  activeCell.value = { ...activeCell.peek(), row };
  revealRow.run(row);
  if (view.peek().doc) openEvent(row);
}

const onSearch = () => place.peek().path === "/search";

/** Keeps the events like the focused one in this field, or hides them; an empty cell stands for all without it. */
function filterCurrent(hide: boolean): void {
  const current = currentValue.peek();
  if (!current) return;
  const { field, value } = current;
  const negated = value === undefined ? !hide : hide;
  addPill({ field, ...(value !== undefined && { value }), ...(negated && { negated }) });
}

/** The entity page of the focused value, or of the first entity in the row. */
function openEntity(): void {
  const current = currentValue.peek();
  const hit = rows.peek()[openRow.peek() >= 0 ? openRow.peek() : activeCell.peek().row];
  const entity =
    (current?.value !== undefined && entityOf(current.field, current.value, logTypes.peek())) ||
    (hit && entityOfEvent((field) => cellValues(hit, field)[0]));
  if (entity) navigate(entityPath(entity));
  else showNote(t("search.noEntity"));
}

/** The events around the open one, or around the active row. */
function openAround(): void {
  if (!view.peek().doc) openEvent(activeCell.peek().row);
  if (view.peek().doc) setView({ tab: view.peek().tab === "around" ? "fields" : "around" }, "replace");
}

/** A picked row, a focused value, or the link to this view. */
function copyWhatIsMeant(): void {
  const focused = gridValue.peek()?.value;
  if (onSearch() && pickedRows.peek().length > 0) void copyPicked("raw");
  else if (onSearch() && focused !== undefined) void copyText(focused);
  else void copyLink();
}

const EVERYWHERE: Record<string, () => void> = {
  "/": goToCommand,
  "?": () => (helpOpen.value = !helpOpen.peek()),
  t: toggleTheme,
  y: copyWhatIsMeant,
};

const ON_SEARCH: Record<string, () => void> = {
  j: () => moveRow(1),
  k: () => moveRow(-1),
  ArrowDown: () => moveRow(1),
  ArrowUp: () => moveRow(-1),
  "+": () => filterCurrent(false),
  "-": () => filterCurrent(true),
  a: () => {
    const current = currentValue.peek();
    if (current) toggleColumn(current.field);
  },
  v: () => {
    const current = currentValue.peek();
    if (current) showField(current.field);
  },
  p: openEntity,
  s: openAround,
  x: () => togglePicked(openRow.peek() >= 0 ? openRow.peek() : activeCell.peek().row),
  c: () => setView({ compare: !view.peek().compare }),
  z: zoomOutTime,
  "[": () => shiftTime(-1),
  "]": () => shiftTime(1),
  r: () => {
    if (view.peek().doc) setView({ tab: view.peek().tab === "raw" ? "fields" : "raw" }, "replace");
  },
  // Inside the open event it is that event's fields, elsewhere the list of all.
  f: () => (document.activeElement?.closest(".detail") ? focusDetailFilter : focusFieldFilter).run(),
  u: () => {
    if (canGoBack()) history.back();
  },
};

/** The second letter after `g`. */
const GO: Record<string, () => void> = {
  s: () => navigate(onSearch() ? location.pathname + location.search : "/search"),
  e: () => {
    if (lastEntity.peek()) navigate(lastEntity.peek());
    else showNote(t("search.noLastEntity"));
  },
};
const GO_MS = 1500;
let goingUntil = 0;

/** Closes what lies on top: the event, the picked rows, the explanation; then it is the way back. */
function escape(): void {
  if (view.peek().doc) closeEvent();
  else if (pickedRows.peek().length > 0) clearPicked();
  else if (view.peek().explain) setView({ explain: null });
  else if (canGoBack()) history.back();
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Arrow keys, Enter and Escape are no letters and work for everybody. */
const isLetter = (key: string) => key.length === 1;

export function startKeys(): void {
  effect(() => {
    const { path, search } = place.value;
    if (path.startsWith("/e/")) lastEntity.value = path + search;
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      goToCommand();
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (event.key === "Escape" && onSearch()) {
      escape();
      return;
    }
    if (event.key === "Enter" && onSearch() && event.target === document.body && rows.peek().length > 0) {
      openEvent(activeCell.peek().row);
      return;
    }
    if (isLetter(event.key) && !letterKeys.peek()) return;
    const second = Date.now() < goingUntil ? GO[event.key] : undefined;
    goingUntil = 0;
    if (event.key === "g") {
      goingUntil = Date.now() + GO_MS;
      return;
    }
    // Arrow keys scroll whatever has the focus; they walk the rows when nothing has.
    if (event.key.startsWith("Arrow") && event.target !== document.body) return;
    const action = second ?? EVERYWHERE[event.key] ?? (onSearch() ? ON_SEARCH[event.key] : undefined);
    if (!action) return;
    event.preventDefault();
    action();
  });
}
