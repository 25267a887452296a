// The small bar beside a value under the pointer or with the focus: only, hide, entity, copy, column, top values.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { entityOf, entityPath } from "../lib/entities";
import { navigate, place } from "../router";
import { showField } from "../state/fields";
import { pointed, valueFrom } from "../state/focus";
import { copyText } from "../state/live";
import { addPill, columns, toggleColumn } from "../state/search";
import { logTypes } from "../state/session";
import { Icon } from "./icons";

const SHOW_DELAY_MS = 90;

export function ValueMenu() {
  const bar = useRef<HTMLDivElement>(null);
  const current = pointed.value;

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (event: Event) => {
      const target = event.target as Element;
      if (bar.current?.contains(target)) {
        clearTimeout(timer);
        return;
      }
      const found = valueFrom(target);
      if (found?.element === pointed.peek()?.element) {
        clearTimeout(timer);
        return;
      }
      clearTimeout(timer);
      timer = setTimeout(() => (pointed.value = found), found ? SHOW_DELAY_MS : SHOW_DELAY_MS * 3);
    };
    const hide = () => {
      clearTimeout(timer);
      pointed.value = null;
    };
    document.addEventListener("pointerover", show);
    document.addEventListener("focusin", show);
    document.addEventListener("scroll", hide, true);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("pointerover", show);
      document.removeEventListener("focusin", show);
      document.removeEventListener("scroll", hide, true);
    };
  }, []);

  useLayoutEffect(() => {
    const element = bar.current;
    if (!element || !current) return;
    const rect = current.element.getBoundingClientRect();
    // Behind the end of the text, so that the value itself stays readable.
    const text = current.element.querySelector(".cell-text, bdi")?.getBoundingClientRect() ?? rect;
    const left = Math.min(Math.min(text.right, rect.right) + 4, innerWidth - element.offsetWidth - 4);
    element.style.left = `${Math.max(4, left)}px`;
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
