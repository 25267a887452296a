// The small bar beside a value under the pointer or with the focus: only, hide, entity, copy, column, top values.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { entityOf, entityPath } from "../lib/entities";
import { navigate, place } from "../router";
import { showField } from "../state/fields";
import { pointed, valueFrom } from "../state/focus";
import { copyText } from "../state/live";
import { addPill, columns, rows, toggleColumn } from "../state/search";
import { logTypes } from "../state/session";
import { Icon } from "./icons";

const SHOW_DELAY_MS = 90;
/** Pixels to the edge of the window and to the text, and to the pointer. */
const EDGE = 4;
const POINTER = 10;

export function ValueMenu() {
  const bar = useRef<HTMLDivElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  /** The value that the menu is for as soon as the time has passed. */
  const pending = useRef<Element | null>(null);
  /** Where the pointer is; null when the keyboard chose the value. */
  const pointer = useRef<{ x: number; y: number } | null>(null);
  const current = pointed.value;

  useEffect(() => {
    const hide = () => {
      clearTimeout(timer.current);
      pending.current = null;
      pointed.value = null;
    };
    const show = ({ target }: Event) => {
      const found = bar.current?.contains(target as Element) ? pointed.peek() : valueFrom(target);
      const wanted = found?.element ?? null;
      if (wanted === pending.current) return;
      pending.current = wanted;
      clearTimeout(timer.current);
      if (wanted === (pointed.peek()?.element ?? null)) return;
      timer.current = setTimeout(() => (pointed.value = found), found ? SHOW_DELAY_MS : SHOW_DELAY_MS * 3);
    };
    const onMove = (event: PointerEvent) => {
      // The page also moves under a pointer that rests; then nobody points at anything.
      if (event.clientX === pointer.current?.x && event.clientY === pointer.current.y) return;
      pointer.current = { x: event.clientX, y: event.clientY };
      show(event);
    };
    const onFocus = (event: Event) => {
      pointer.current = null;
      show(event);
    };
    document.addEventListener("pointermove", onMove);
    document.addEventListener("focusin", onFocus);
    document.addEventListener("scroll", hide, true);
    return () => {
      clearTimeout(timer.current);
      document.removeEventListener("pointermove", onMove);
      document.removeEventListener("focusin", onFocus);
      document.removeEventListener("scroll", hide, true);
    };
  }, []);

  // Another view: what was pointed at is gone, or somewhere else.
  useEffect(() => {
    if (pointed.peek()?.element.contains(document.activeElement)) return;
    clearTimeout(timer.current);
    pending.current = null;
    pointed.value = null;
  }, [rows.value, place.value.search]);

  useLayoutEffect(() => {
    const element = bar.current;
    if (!element || !current) return;
    const rect = current.element.getBoundingClientRect();
    // Behind the end of the text, so that the value itself stays readable.
    const text = current.element.querySelector(".cell-text, bdi")?.getBoundingClientRect() ?? rect;
    const width = element.offsetWidth;
    const most = innerWidth - width - EDGE;
    let left = Math.min(text.right, rect.right) + EDGE;
    // Never under the pointer: who clicks there means the row.
    const x = pointer.current?.x ?? -Infinity;
    if (x > left - POINTER) left = x + POINTER;
    if (left > most) left = x > most - POINTER ? Math.min(most, x - POINTER - width) : most;
    element.style.left = `${Math.max(EDGE, left)}px`;
    element.style.top = `${rect.top + Math.min(0, (rect.height - element.offsetHeight) / 2)}px`;
  }, [current]);

  if (!current?.element.isConnected) return null;
  const { field, value } = current;
  const act = (action: () => void) => () => {
    pointed.value = null;
    action();
  };
  const shown = columns.value.some((column) => column.field === field);
  const entity = entityOf(field, value, logTypes.value);
  return (
    <div ref={bar} class="value-menu" role="toolbar" aria-label={t("value.menu", { name: field })}>
      <button
        type="button"
        title={`${t("value.only")} (+)`}
        aria-label={t("value.only")}
        onClick={act(() => addPill({ field, value }))}
      >
        <Icon name="plus" size={14} />
      </button>
      <button
        type="button"
        title={`${t("value.hide")} (-)`}
        aria-label={t("value.hide")}
        onClick={act(() => addPill({ field, value, negated: true }))}
      >
        <Icon name="minus" size={14} />
      </button>
      {entity && (
        <button
          type="button"
          title={`${t("value.entity")} (p)`}
          aria-label={t("value.entity")}
          data-test="open-entity"
          onClick={act(() => navigate(entityPath(entity)))}
        >
          <Icon name="open" size={14} />
        </button>
      )}
      <button
        type="button"
        title={`${t("value.copy")} (y)`}
        aria-label={t("value.copy")}
        onClick={act(() => void copyText(value))}
      >
        <Icon name="copy" size={14} />
      </button>
      <button
        type="button"
        title={`${t(shown ? "value.column.remove" : "value.column")} (a)`}
        aria-label={t(shown ? "value.column.remove" : "value.column")}
        aria-pressed={shown}
        onClick={act(() => toggleColumn(field))}
      >
        <Icon name="column" size={14} />
      </button>
      {place.value.path === "/search" && (
        <button
          type="button"
          title={`${t("value.top")} (v)`}
          aria-label={t("value.top")}
          onClick={act(() => showField(field))}
        >
          <Icon name="count" size={14} />
        </button>
      )}
    </div>
  );
}
