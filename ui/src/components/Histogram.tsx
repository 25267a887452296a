// Events over time, stacked by log type: drag to zoom, with Alt to explain, double-click to zoom out, also as a table.
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Bucket } from "../api/types";
import { formatInterval, formatNumber, language, t } from "../i18n";
import { countsOf, niceTop, OTHER, seriesOf, ticks, type Series } from "../lib/series";
import { formatShort, formatTick, iso, MINUTE, zoneOffset } from "../lib/time";
import { before, type Before } from "../state/compare";
import {
  addPill,
  chart,
  chartFailed,
  phase,
  setRange,
  setView,
  total,
  view,
  waiting,
  zoomOutTime,
  type Chart,
} from "../state/search";
import { coloured, logTypes } from "../state/session";
import { zone } from "../state/settings";
import { TYPE_FIELD } from "../lib/query";
import { memo } from "./memo";
import { IconButton } from "./IconButton";
import { TableToggle } from "./TableToggle";
import { Short } from "./Text";

const HEIGHT = 104;
const AXIS = 18;
const LEFT = 44;
const MIN_DRAG = 5;

/** The name of a series as the reader knows it. */
export function seriesName(id: string): string {
  if (id === OTHER) return t("chart.other");
  return logTypes.value.find((type) => type.id === id)?.title[language.value] ?? id;
}

export function Histogram() {
  const [asTable, setAsTable] = useState(false);
  const [explaining, setExplaining] = useState(false);
  const onExplained = useCallback(() => setExplaining(false), []);
  const data = chart.value;
  const series = useMemo(() => seriesOf(data?.buckets ?? [], coloured.value), [data, coloured.value]);
  if (chartFailed.value)
    return (
      <p class="chart-note" role="status">
        {t("chart.failed")}
      </p>
    );
  if (!data) return phase.value === "ready" && total.value?.value === 0 ? null : <div class="skel-chart" />;
  return (
    <section class="chart" data-stale={waiting.value}>
      <header class="chart-head">
        <ul class="legend">
          {series.map(({ id, colour, total }) => (
            <li key={id}>
              <button
                type="button"
                class="legend-item"
                disabled={id === OTHER}
                title={t("value.only")}
                onClick={() => addPill({ field: TYPE_FIELD, value: id })}
              >
                <i class={`swatch fill-${colour}`} aria-hidden="true" />
                <Short text={seriesName(id)} limit={40} />
                <span class="legend-count">{formatNumber(total)}</span>
              </button>
            </li>
          ))}
        </ul>
        <span class="chart-help">
          <span>{t("chart.interval", { interval: formatInterval(data.interval.text) })}</span>
          <span> · {t("chart.help")}</span>
        </span>
        <IconButton
          icon="spark"
          label={t("explain.mode")}
          shortcut="Alt"
          pressed={explaining}
          onClick={() => setExplaining(!explaining)}
          data-test="explain-mode"
        />
        <IconButton icon="minus" label={t("chart.zoomOut")} shortcut="z" onClick={zoomOutTime} />
        <TableToggle asTable={asTable} onToggle={setAsTable} />
      </header>
      {asTable ? (
        <ChartTable data={data} series={series} />
      ) : (
        <Bars data={data} series={series} explaining={explaining} onExplained={onExplained} />
      )}
    </section>
  );
}

function summary({ buckets, interval }: Chart): string {
  let peak = buckets[0];
  let n = 0;
  for (const bucket of buckets) {
    n += bucket.doc_count;
    if (peak && bucket.doc_count > peak.doc_count) peak = bucket;
  }
  if (!peak) return t("chart.empty");
  return t("chart.summary", {
    n: formatNumber(n),
    buckets: buckets.length,
    interval: formatInterval(interval.text),
    max: formatNumber(peak.doc_count),
    at: formatShort(Number(peak.key), zone.value),
  });
}

/** The bar of the period before that lies over this one. */
function barBefore(earlier: Before | null, data: Chart, key: number): number {
  const bar = earlier?.bars.find((other) => Math.abs(other.key - key) < data.interval.size / 2);
  return bar?.doc_count ?? 0;
}

interface BarsProps {
  data: Chart;
  series: Series[];
  /** A drag explains instead of zooming. */
  explaining: boolean;
  onExplained: () => void;
}

const Bars = memo(function Bars({ data, series, explaining, onExplained }: BarsProps) {
  const svg = useRef<SVGSVGElement>(null);
  const [width, setWidth] = useState(0);
  const [drag, setDrag] = useState<{ from: number; to: number; explain: boolean } | null>(null);
  const [hover, setHover] = useState<number | null>(null);

  useEffect(() => {
    if (!svg.current) return;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(svg.current);
    return () => observer.disconnect();
  }, []);

  const plot = Math.max(1, width - LEFT - 4);
  const span = data.to - data.from;
  const x = (at: number) => LEFT + ((at - data.from) / span) * plot;
  const timeAt = (px: number) => data.from + ((px - LEFT) / plot) * span;
  const earlier = before.value;
  const ghosts = earlier?.bars ?? [];
  const top = niceTop(
    Math.max(1, ...data.buckets.map((bucket) => bucket.doc_count), ...ghosts.map((bar) => bar.doc_count)),
  );
  const tall = HEIGHT - AXIS - 8;
  const base = HEIGHT - AXIS;
  const { at: labels, step } = ticks(
    data.from,
    data.to,
    Math.max(2, Math.floor(plot / 110)),
    zoneOffset(zone.value, data.to) * MINUTE,
  );
  const localX = (event: PointerEvent) =>
    Math.max(LEFT, Math.min(LEFT + plot, event.clientX - (svg.current?.getBoundingClientRect().left ?? 0)));

  const finish = () => {
    if (drag && Math.abs(drag.to - drag.from) >= MIN_DRAG) {
      // Whole buckets, so that no bar of the new view is cut; at least one.
      const size = data.interval.size;
      const first = data.buckets[0];
      const origin = first ? Number(first.key) : data.from;
      const low = timeAt(Math.min(drag.from, drag.to));
      const high = timeAt(Math.max(drag.from, drag.to));
      const from = origin + Math.floor((low - origin) / size) * size;
      const to = origin + Math.max(Math.ceil((high - origin) / size), (from - origin) / size + 1) * size;
      const range = { from: iso(Math.max(from, Math.floor(data.from))), to: iso(Math.min(to, Math.ceil(data.to))) };
      if (drag.explain) setView({ explain: range });
      else setRange(range);
      if (drag.explain) onExplained();
    }
    setDrag(null);
  };

  const hovered =
    hover === null
      ? undefined
      : data.buckets.find((bucket) => hover >= Number(bucket.key) && hover < Number(bucket.key) + data.interval.size);
  return (
    <div class="bars">
      <svg
        ref={svg}
        class="bars-svg"
        height={HEIGHT}
        role="img"
        aria-label={summary(data)}
        data-test="histogram"
        data-explaining={explaining}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ from: localX(event), to: localX(event), explain: explaining || event.altKey });
        }}
        onPointerMove={(event) => {
          setHover(timeAt(localX(event)));
          if (drag) setDrag({ ...drag, to: localX(event) });
        }}
        onPointerUp={finish}
        onPointerCancel={() => setDrag(null)}
        onPointerLeave={() => setHover(null)}
        onDblClick={zoomOutTime}
      >
        {(data.buckets.length > 0 ? (top % 2 === 0 ? [0.5, 1] : [1]) : []).map((part) => (
          <g key={part}>
            <line class="grid-line" x1={LEFT} x2={LEFT + plot} y1={base - tall * part} y2={base - tall * part} />
            <text class="axis" x={LEFT - 6} y={base - tall * part + 4} text-anchor="end">
              {compact(top * part)}
            </text>
          </g>
        ))}
        <line class="base-line" x1={LEFT} x2={LEFT + plot} y1={base} y2={base} />
        {labels.map((at) => (
          <text key={at} class="axis" x={x(at)} y={HEIGHT - 4} text-anchor="middle">
            {formatTick(at, step, zone.value)}
          </text>
        ))}
        {width > 0 &&
          data.buckets.map((bucket) => {
            const left = Math.max(LEFT, x(Number(bucket.key)));
            const right = Math.min(LEFT + plot, x(Number(bucket.key) + data.interval.size));
            const counts = countsOf(bucket);
            let y = base;
            return series.map(({ id, colour }) => {
              const count = counts.get(id);
              if (!count) return null;
              const height = Math.max(1, (count / top) * tall);
              y -= height;
              return (
                <rect
                  key={`${bucket.key} ${id}`}
                  class={`fill-${colour}`}
                  x={left}
                  y={y}
                  width={Math.max(1, right - left - 1)}
                  height={height}
                />
              );
            });
          })}
        {width > 0 &&
          ghosts.map(({ key, doc_count }) => {
            const left = Math.max(LEFT, x(key));
            const right = Math.min(LEFT + plot, x(key + data.interval.size));
            const height = (doc_count / top) * tall;
            return (
              right > left && (
                <path
                  key={`before ${key}`}
                  class="ghost"
                  d={`M${left} ${base}V${base - height}H${Math.max(left + 1, right - 1)}V${base}`}
                />
              )
            );
          })}
        <Window x={x} right={LEFT + plot} base={base} />
        {drag && (
          <rect
            class={drag.explain ? "drag explain" : "drag"}
            x={Math.min(drag.from, drag.to)}
            y={0}
            width={Math.abs(drag.to - drag.from)}
            height={base}
          />
        )}
      </svg>
      {hovered && !drag && (
        <div
          class="chart-tip"
          style={{ left: `${Math.min(x(Number(hovered.key)) + 12, Math.max(LEFT, width - 200))}px` }}
        >
          <b class="mono">{formatShort(Number(hovered.key), zone.value)}</b>
          {series.map(({ id, colour }) => {
            const count = countsOf(hovered).get(id);
            return count ? (
              <span key={id}>
                <i class={`swatch fill-${colour}`} />
                <Short text={seriesName(id)} limit={30} />
                <em>{formatNumber(count)}</em>
              </span>
            ) : null;
          })}
          {earlier && (
            <span class="tip-before">
              <i class="swatch ghost-swatch" />
              {t("compare.before")}
              <em>{formatNumber(barBefore(earlier, data, Number(hovered.key)))}</em>
            </span>
          )}
        </div>
      )}
    </div>
  );
});

/** The part of the time that is explained. */
function Window({ x, right, base }: { x: (at: number) => number; right: number; base: number }) {
  const { explain } = view.value;
  if (!explain) return null;
  const from = Math.max(LEFT, x(Date.parse(explain.from)));
  const to = Math.min(right, x(Date.parse(explain.to)));
  return to > from ? <rect class="explained" x={from} y={0} width={to - from} height={base} /> : null;
}

const spanOf = (bucket: Bucket, { interval }: Chart) => ({
  from: iso(Number(bucket.key)),
  to: iso(Number(bucket.key) + interval.size),
});

const compact = (value: number) => formatNumber(value, { notation: "compact", maximumFractionDigits: 1 });

function ChartTable({ data, series }: { data: Chart; series: Series[] }) {
  return (
    <div class="chart-table" tabIndex={0}>
      <table class="plain">
        <caption class="off-screen">{summary(data)}</caption>
        <thead>
          <tr>
            <th>{t("chart.time")}</th>
            {series.map(({ id }) => (
              <th key={id} class="number">
                <Short text={seriesName(id)} limit={40} />
              </th>
            ))}
            <th class="number">{t("chart.total")}</th>
            {before.value && <th class="number">{t("compare.before")}</th>}
            <th>
              <span class="off-screen">{t("explain.mode")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {data.buckets.map((bucket) => {
            const counts = countsOf(bucket);
            return (
              <tr key={bucket.key}>
                <td class="mono">{formatShort(Number(bucket.key), zone.value)}</td>
                {series.map(({ id }) => (
                  <td key={id} class="number">
                    {formatNumber(counts.get(id) ?? 0)}
                  </td>
                ))}
                <td class="number">{formatNumber(bucket.doc_count)}</td>
                {before.value && (
                  <td class="number">{formatNumber(barBefore(before.value, data, Number(bucket.key)))}</td>
                )}
                <td>
                  <button type="button" class="link-button" onClick={() => setView({ explain: spanOf(bucket, data) })}>
                    {t("explain.row")}
                  </button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
