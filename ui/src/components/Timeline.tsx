// Lanes over time: one per value of a field, darker where more happened; a click shows the events of a cell.
import { useState } from "preact/hooks";
import { formatInterval, formatNumber, t } from "../i18n";
import type { Lane } from "../lib/groups";
import { formatShort, iso, MINUTE, zoneOffset } from "../lib/time";
import { ticks } from "../lib/series";
import { addFilter } from "../lib/url-state";
import { fieldsOf, groupsFailed, groupsStale, timeline, type Timeline as Data } from "../state/groups";
import { valueAttributes } from "../state/focus";
import { refresh, setView, view } from "../state/search";
import { zone } from "../state/settings";
import { ByFields } from "./ByFields";
import { ErrorNote } from "./Messages";
import { TableToggle } from "./TableToggle";
import { Short } from "./Text";
import { TimeAxis } from "./TimeAxis";

export function Timeline() {
  const data = timeline.value;
  const failed = groupsFailed.value;
  const [asTable, setAsTable] = useState(false);
  return (
    <section class="groups" data-stale={groupsStale.value} data-test="timeline">
      <div class="timeline-head">
        <ByFields by={fieldsOf(view.value).slice(0, 1)} most={1} />
        {data && <span class="hint">{t("chart.interval", { interval: formatInterval(data.interval.text) })}</span>}
        <TableToggle asTable={asTable} chart="lanes" onToggle={setAsTable} />
      </div>
      {failed && <ErrorNote error={failed} onRetry={refresh} />}
      {!data && !failed && <p class="field-note">{t("list.loading")}</p>}
      {data && (asTable ? <LaneTable data={data} /> : <Lanes data={data} />)}
    </section>
  );
}

/** Shows the events of a lane, or of one of its cells. */
function openLane(data: Data, value: string, from?: number): void {
  const range = from === undefined ? {} : { from: iso(from), to: iso(from + data.interval.size) };
  setView({ filters: addFilter(view.peek().filters, { field: data.by, value }), ...range, kind: "list" });
}

function Lanes({ data }: { data: Data }) {
  const [tip, setTip] = useState<{ value: string; key: number; count: number } | null>(null);
  const span = data.to - data.from;
  const percent = (at: number) => Math.max(0, Math.min(100, ((at - data.from) / span) * 100));
  const labels = ticks(data.from, data.to, 8, zoneOffset(zone.value, data.to) * MINUTE);
  return (
    <div class="timeline">
      <div class="timeline-scroll" tabIndex={0}>
        {data.lanes.map((lane) => (
          <div key={lane.value} class="timeline-lane">
            <button
              type="button"
              class="timeline-name mono"
              title={t("groups.open")}
              {...valueAttributes(data.by, lane.value)}
              onClick={() => openLane(data, lane.value)}
            >
              <Short text={lane.value} limit={60} />
            </button>
            <span class="timeline-total">{formatNumber(lane.total)}</span>
            <div class="timeline-track" role="img" aria-label={summary(lane)}>
              {lane.buckets.map(({ key, count }) => (
                <i
                  key={key}
                  class="timeline-cell"
                  style={{
                    left: `${percent(key)}%`,
                    width: `${Math.max(0.3, percent(key + data.interval.size) - percent(key))}%`,
                    opacity: `${0.25 + 0.75 * Math.sqrt(count / peakOf(lane))}`,
                  }}
                  onClick={() => openLane(data, lane.value, key)}
                  onPointerEnter={() => setTip({ value: lane.value, key, count })}
                  onPointerLeave={() => setTip(null)}
                />
              ))}
            </div>
          </div>
        ))}
      </div>
      <TimeAxis class="timeline-axis" ticks={labels} percent={percent} />
      <p class="timeline-tip hint">
        {tip ? (
          <>
            <b class="mono">{formatShort(tip.key, zone.value)}</b> <Short text={tip.value} limit={60} />{" "}
            {formatNumber(tip.count)}
          </>
        ) : (
          t("timeline.help")
        )}
      </p>
    </div>
  );
}

const peakOf = ({ buckets }: Lane) => Math.max(1, ...buckets.map(({ count }) => count));

function summary(lane: Lane): string {
  const peak = lane.buckets.reduce<Lane["buckets"][number] | null>(
    (best, bucket) => (best && best.count >= bucket.count ? best : bucket),
    null,
  );
  return t("timeline.summary", {
    value: lane.value.slice(0, 80),
    n: formatNumber(lane.total),
    max: formatNumber(peak?.count ?? 0),
    at: peak ? formatShort(peak.key, zone.value) : "–",
  });
}

function LaneTable({ data }: { data: Data }) {
  return (
    <div class="groups-body" tabIndex={0}>
      <table class="plain">
        <thead>
          <tr>
            <th>{data.by}</th>
            <th>{t("chart.time")}</th>
            <th class="number">{t("groups.count")}</th>
          </tr>
        </thead>
        <tbody>
          {data.lanes.flatMap((lane) =>
            lane.buckets.map(({ key, count }) => (
              <tr key={`${lane.value} ${key}`}>
                <td class="mono">
                  <Short text={lane.value} limit={80} />
                </td>
                <td class="mono">{formatShort(key, zone.value)}</td>
                <td class="number">{formatNumber(count)}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}
