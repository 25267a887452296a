// The keyboard: one table of single letters, active only while no input has the focus.
import { signal } from "@preact/signals";
import { t } from "../i18n";
import { place } from "../router";
import { activeCell, currentValue } from "./focus";
import { copyText } from "./live";
import { closeEvent, openEvent, openRow } from "./document";
import { addPill, rows, setView, shiftTime, toggleColumn, view, zoomOutTime } from "./search";
import { toggleTheme } from "./settings";

export const helpOpen = signal(false);

/** Set by the command box and the detail panel. */
export const focusCommand = { run: () => {} };
export const focusFieldFilter = { run: () => {} };
/** Set by the table: brings a row into view. */
export const revealRow = { run: (_row: number) => {} };

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

function filterCurrent(negated: boolean): void {
  const current = currentValue.peek();
  if (current)
    addPill(
      negated
        ? { field: current.field, value: current.value, negated }
        : { field: current.field, value: current.value },
    );
}

const EVERYWHERE: Record<string, () => void> = {
  "/": () => focusCommand.run(),
  "?": () => (helpOpen.value = !helpOpen.peek()),
  t: toggleTheme,
  y: () => void copyText(location.href, t("live.linkCopied")),
};

const ON_SEARCH: Record<string, () => void> = {
  j: () => moveRow(1),
  k: () => moveRow(-1),
  "+": () => filterCurrent(false),
  "-": () => filterCurrent(true),
  a: () => {
    const current = currentValue.peek();
    if (current) toggleColumn(current.field);
  },
  z: zoomOutTime,
  "[": () => shiftTime(-1),
  "]": () => shiftTime(1),
  r: () => {
    if (view.peek().doc) setView({ tab: view.peek().tab === "raw" ? "fields" : "raw" }, "replace");
  },
  f: () => focusFieldFilter.run(),
  u: () => history.back(),
};

function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      focusCommand.run();
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (event.key === "Escape" && onSearch() && view.peek().doc) {
      closeEvent();
      return;
    }
    if (event.key === "Enter" && onSearch() && event.target === document.body && rows.peek().length > 0) {
      openEvent(activeCell.peek().row);
      return;
    }
    const action = EVERYWHERE[event.key] ?? (onSearch() ? ON_SEARCH[event.key] : undefined);
    if (!action) return;
    event.preventDefault();
    action();
  });
}
