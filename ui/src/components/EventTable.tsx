// The events as a grid: virtualised rows, one tab stop, arrow keys, widths by dragging, more rows on scroll.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Hit } from "../api/types";
import { formatNumber, t } from "../i18n";
import { cellValues, columnWidths } from "../lib/cells";
import { drawsFlags, flagOf } from "../lib/flag";
import { THREAT_FIELD, TYPE_FIELD } from "../lib/query";
import { formatTime } from "../lib/time";
import type { Column } from "../lib/url-state";
import { activeCell, gridValue, valueAttributes } from "../state/focus";
import { moveRow, revealRow } from "../state/keys";
import { openEvent, openRow } from "../state/document";
import {
  AFTER_ROWS_MS,
  columns,
  hitTime,
  loadingMore,
  loadMore,
  rows,
  setView,
  toggleColumn,
  total,
  view,
  waiting,
} from "../state/search";
import { isNew } from "../state/newness";
import { isPicked, pickTo, togglePicked } from "../state/selection";
import { typeFill } from "../state/session";
import { zone } from "../state/settings";
import { Icon } from "./icons";
import { memo } from "./memo";
import { short } from "./Text";
import { useVirtual } from "./useVirtual";

/** Height of a row in pixels. */
export const ROW_HEIGHT = 26;
/** A moment and the sign of a threat list fit in. */
const TIME_WIDTH = 202;
const LOAD_AHEAD = 40;
/** Rows drawn beyond the edges; after other rows came, only once those in sight are painted. */
const BEYOND = 12;

export function EventTable() {
  const scroller = useRef<HTMLDivElement>(null);
  const found = rows.value;
  const shown = columns.value;
  const active = activeCell.value;
  const open = openRow.value;
  const [dragged, setDragged] = useState<{ field: string; width: number } | null>(null);

  const widths = useMemo(() => columnWidths(shown, found.slice(0, 200)), [shown, found[0], found.length > 0]);
  const sized = widths.map((width, at) => (dragged?.field === shown[at]?.field ? (dragged?.width ?? width) : width));
  const template = [
    `${TIME_WIDTH}px`,
    ...sized.map((width, at) => (at === sized.length - 1 ? `minmax(${width}px, 1fr)` : `${width}px`)),
  ].join(" ");

  const firstRow = found[0];
  const [painted, setPainted] = useState<Hit | undefined>();
  const virtual = useVirtual({
    count: found.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: painted === firstRow ? BEYOND : 0,
    scrollPaddingStart: ROW_HEIGHT + 4,
  });
  const items = virtual.getVirtualItems();
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (found.length > 0 && last >= found.length - LOAD_AHEAD) void loadMore();
  }, [last, found.length]);

  useEffect(() => {
    revealRow.run = (row) => virtual.scrollToIndex(row, { align: "auto" });
    return () => void (revealRow.run = () => {});
  }, []);

  useEffect(() => {
    const timer = setTimeout(() => setPainted(firstRow), AFTER_ROWS_MS);
    return () => clearTimeout(timer);
  }, [firstRow]);
  // A link with an open event brings its row into view once the rows are there.
  useEffect(() => {
    if (open >= 0) {
      activeCell.value = { ...activeCell.peek(), row: open };
      virtual.scrollToIndex(open, { align: "auto" });
    } else if (firstRow) activeCell.value = { row: 0, column: activeCell.peek().column };
  }, [firstRow]);
  useEffect(() => {
    if (open >= 0) activeCell.value = { ...activeCell.peek(), row: open };
  }, [open]);

  const noteValue = () => {
    const { row, column } = activeCell.peek();
    const field = shown[column - 1]?.field;
    const hit = rows.peek()[row];
    const value = field && hit ? cellValues(hit, field)[0] : undefined;
    gridValue.value = field && hit ? { field, ...(value !== undefined && { value }) } : null;
  };
  const moveColumn = (step: number) => {
    const { row, column } = activeCell.peek();
    activeCell.value = { row, column: Math.max(0, Math.min(shown.length, column + step)) };
  };
  // Other rows may have come under the active cell; the next key is about what is there now.
  useLayoutEffect(() => {
    if (scroller.current?.contains(document.activeElement)) noteValue();
  }, [found, active, shown]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW_HEIGHT) / ROW_HEIGHT) - 2);
    const steps: Record<string, () => void> = {
      ArrowDown: () => moveRow(1),
      ArrowUp: () => moveRow(-1),
      PageDown: () => moveRow(page),
      PageUp: () => moveRow(-page),
      Home: () => moveRow(-found.length),
      End: () => moveRow(found.length),
      ArrowLeft: () => moveColumn(-1),
      ArrowRight: () => moveColumn(1),
      Enter: () => openEvent(activeCell.peek().row),
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    step();
    // At once: the next key may already be meant for the new value.
    noteValue();
  };

  return (
    <div
      class="grid"
      ref={scroller}
      role="grid"
      tabIndex={0}
      aria-label={t("table.label")}
      aria-multiselectable={true}
      data-test="grid"
      aria-rowcount={(total.value?.value ?? found.length) + 1}
      aria-colcount={shown.length + 1}
      aria-busy={waiting.value}
      aria-activedescendant={found.length > 0 ? `cell-${active.row}-${active.column}` : undefined}
      data-stale={waiting.value}
      style={{ "--columns": template }}
      onKeyDown={onKeyDown}
      onFocus={noteValue}
      onBlur={() => (gridValue.value = null)}
    >
      <div class="grid-head" role="row" aria-rowindex={1}>
        <div
          class="grid-cell head"
          role="columnheader"
          aria-sort={view.value.sort === "desc" ? "descending" : "ascending"}
        >
          <button
            type="button"
            class="sort"
            tabIndex={-1}
            title={t(view.value.sort === "desc" ? "result.sort.desc" : "result.sort.asc")}
            onClick={() => setView({ sort: view.value.sort === "desc" ? "asc" : "desc" })}
          >
            {t("table.time")} <Icon name={view.value.sort === "desc" ? "down" : "up"} size={12} />
          </button>
        </div>
        {shown.map((column, at) => (
          <HeadCell
            key={column.field}
            column={column}
            width={sized[at] ?? 0}
            onDrag={setDragged}
            onDone={(width) => {
              setDragged(null);
              setView(
                { columns: shown.map((other, index) => (index === at ? { ...other, width } : other)) },
                "replace",
              );
            }}
          />
        ))}
      </div>
      <div class="grid-body" role="presentation" style={{ height: `${virtual.getTotalSize()}px` }}>
        {items.map(({ index, start }) => {
          const hit = found[index];
          return (
            hit && (
              <Row
                key={`${hit._index}/${hit._id}`}
                hit={hit}
                index={index}
                top={start}
                shown={shown}
                open={index === open}
                picked={isPicked(hit)}
                activeColumn={index === active.row ? active.column : -1}
              />
            )
          );
        })}
      </div>
      {loadingMore.value && (
        <p class="grid-foot" role="status">
          {t("result.loadingMore")}
        </p>
      )}
    </div>
  );
}

interface HeadProps {
  column: Column;
  width: number;
  onDrag: (next: { field: string; width: number }) => void;
  onDone: (width: number) => void;
}

function HeadCell({ column: { field }, width, onDrag, onDone }: HeadProps) {
  const start = useRef<{ x: number; width: number } | null>(null);
  const at = (event: PointerEvent) =>
    Math.max(
      48,
      Math.min(1200, Math.round((start.current?.width ?? width) + event.clientX - (start.current?.x ?? event.clientX))),
    );
  return (
    <div class="grid-cell head" role="columnheader">
      <span class="head-name" title={field}>
        {field}
      </span>
      <button
        type="button"
        class="head-close"
        tabIndex={-1}
        aria-label={t("table.remove", { name: field })}
        title={t("table.remove", { name: field })}
        onClick={() => toggleColumn(field)}
      >
        <Icon name="close" size={12} />
      </button>
      <span
        class="resizer"
        role="separator"
        aria-orientation="vertical"
        aria-label={t("table.resize", { name: field })}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          start.current = { x: event.clientX, width };
        }}
        onPointerMove={(event) => start.current && onDrag({ field, width: at(event) })}
        onPointerUp={(event) => {
          if (start.current) onDone(at(event));
          start.current = null;
        }}
      />
    </div>
  );
}

interface RowProps {
  hit: Hit;
  index: number;
  top: number;
  shown: Column[];
  open: boolean;
  picked: boolean;
  /** -1 when this is not the active row. */
  activeColumn: number;
}

/** A click opens; with Shift it picks a range, with Ctrl or ⌘ one row. */
function clickRow(event: MouseEvent, index: number): void {
  if (event.shiftKey) pickTo(index);
  else if (event.ctrlKey || event.metaKey) togglePicked(index);
  else openEvent(index);
}

/** Most of what happens to the table leaves most of its rows as they are. */
const Row = memo(function Row({ hit, index, top, shown, open, picked, activeColumn }: RowProps) {
  const threat = threatOf(hit);
  const at = hitTime(hit);
  return (
    <div
      class="grid-row"
      role="row"
      aria-rowindex={index + 2}
      data-id={hit._id}
      aria-selected={picked}
      aria-current={open ? "true" : undefined}
      data-active={activeColumn >= 0}
      data-threat={threat !== undefined}
      style={{ transform: `translateY(${top}px)` }}
      // Picking a range must not select its text.
      onMouseDown={(event) => event.shiftKey && event.preventDefault()}
      onClick={(event) => clickRow(event, index)}
    >
      <div class="grid-cell time" role="gridcell" id={`cell-${index}-0`} data-active={activeColumn === 0}>
        {picked && (
          <span class="picked-sign" aria-hidden="true">
            ✓
          </span>
        )}
        {Number.isFinite(at) ? formatTime(at, zone.value) : "–"}
        {threat !== undefined && (
          <span class="threat-sign" title={t("table.threat", { name: threat })}>
            <span aria-hidden="true">⚠</span>
            <span class="off-screen">{t("table.threat", { name: threat })}</span>
          </span>
        )}
      </div>
      {shown.map(({ field }, column) => cell(hit, field, `cell-${index}-${column + 1}`, activeColumn === column + 1))}
    </div>
  );
});

/** The entry of a threat list that names something in this event. */
function threatOf(hit: Hit): string | undefined {
  return cellValues(hit, "threat.matched.names")[0] ?? cellValues(hit, THREAT_FIELD)[0];
}

/** Cells are no components of their own: there are hundreds, and each would cost time. */
function cell(hit: Hit, field: string, id: string, active: boolean) {
  const values = cellValues(hit, field);
  const value = values[0];
  if (value === undefined)
    return (
      <div key={field} class="grid-cell none" role="gridcell" id={id} data-active={active}>
        –
      </div>
    );
  return (
    <div key={field} class="grid-cell" role="gridcell" id={id} data-active={active} {...valueAttributes(field, value)}>
      {cellMark(field, value)}
      <span class="cell-text">{short(value, 160)}</span>
      {isNew(field, value) && <NewDot />}
      {values.length > 1 && <span class="more-values">+{formatNumber(values.length - 1)}</span>}
      {field.endsWith(".ip") && country(hit, field.slice(0, -3))}
    </div>
  );
}

/** First seen less than a day ago. */
function NewDot() {
  return (
    <span class="new-dot" title={t("table.new")}>
      <span class="off-screen">{t("table.new")}</span>
    </span>
  );
}

const BAD = new Set(["failure", "deny", "block", "reject"]);

function cellMark(field: string, value: string) {
  if (field === TYPE_FIELD) return <i class={`dot ${typeFill(value)}`} aria-hidden="true" />;
  if (field === "event.outcome" || field === "event.action" || field === "action") {
    const lower = value.toLowerCase();
    if (BAD.has(lower))
      return (
        <span class="outcome bad" aria-hidden="true">
          ✕
        </span>
      );
    if (lower === "success" || lower === "accept" || lower === "allow")
      return (
        <span class="outcome good" aria-hidden="true">
          ✓
        </span>
      );
  }
  return null;
}

function country(hit: Hit, prefix: string) {
  const code = cellValues(hit, `${prefix}.geo.country_iso_code`)[0];
  if (!code) return null;
  const network = cellValues(hit, `${prefix}.as.organization.name`)[0];
  const flag = drawsFlags() && flagOf(code);
  return (
    <span class="country" title={network ? `${code} · ${network}` : code}>
      {flag && (
        <span class="flag" aria-hidden="true">
          {flag}
        </span>
      )}
      {code.slice(0, 3)}
    </span>
  );
}
