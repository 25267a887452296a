// Activity by log type: one lane each, the period before as a ghost behind it. A cell leads to its events.
import { useState } from "preact/hooks";
import type { Entity, EntityLane } from "../../api/types";
import { formatNumber, t, tn } from "../../i18n";
import { formatShort, iso, MINUTE, zoneOffset, type TimeRange } from "../../lib/time";
import { ticks } from "../../lib/series";
import { entitySearch } from "../../lib/entities";
import { navigate } from "../../router";
import { typeFill } from "../../state/session";
import { zone } from "../../state/settings";
import { Change } from "../Change";
import { TableToggle } from "../TableToggle";
import { Short } from "../Text";
import { TimeAxis } from "../TimeAxis";

/** Lanes shown before the rest is asked for. */
const SHOWN = 12;
const HEIGHT = 30;

interface Props {
  entity: Entity;
  from: number;
  to: number;
}

export function Lanes({ entity, from, to }: Props) {
  const [asTable, setAsTable] = useState(false);
  const [all, setAll] = useState(false);
  const shown = all ? entity.lanes : entity.lanes.slice(0, SHOWN);
  const labels = ticks(from, to, 6, zoneOffset(zone.value, from) * MINUTE);
  const percent = (tick: number) => (100 * (tick - from)) / (to - from);
  return (
    <section class="panel lanes" aria-label={t("entity.activity")}>
      <header class="panel-head">
        <h2>{t("entity.activity")}</h2>
        <span class="hint lanes-help">
          <i class="ghost-key" aria-hidden="true" /> {t("entity.ghost")} · {t("entity.lanes.help")}
        </span>
        <TableToggle asTable={asTable} onToggle={setAsTable} />
      </header>
      {entity.lanes.length === 0 && <p class="hint panel-body">{t("entity.lanes.none")}</p>}
      {asTable ? (
        <LaneTable entity={entity} from={from} />
      ) : (
        <div class="lane-list">
          {shown.map((lane) => (
            <Lane key={lane.log_type} lane={lane} entity={entity} from={from} to={to} />
          ))}
          {entity.lanes.length > 0 && <TimeAxis class="lane-axis" ticks={labels} percent={percent} />}
          {entity.lanes.length > shown.length && (
            <button type="button" class="link-button" onClick={() => setAll(true)}>
              {t("entity.lanes.more", { n: formatNumber(entity.lanes.length - shown.length) })}
            </button>
          )}
        </div>
      )}
    </section>
  );
}

function Lane({ lane, entity, from, to }: { lane: EntityLane; entity: Entity; from: number; to: number }) {
  const [active, setActive] = useState<number | null>(null);
  const count = lane.bars.length;
  const most = Math.max(1, ...lane.bars, ...lane.before);
  const height = (value: number) => (value === 0 ? 0 : Math.max(2, (value / most) * HEIGHT));
  const fill = typeFill(lane.log_type);
  const range = (at: number): TimeRange => ({
    from: iso(from + at * entity.interval_ms),
    to: iso(Math.min(to, from + (at + 1) * entity.interval_ms)),
  });
  const open = (at: number) => navigate(entitySearch(entity.fields, entity.value, range(at), lane.log_type));
  const cellAt = (event: PointerEvent | MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const at = Math.floor(((event.clientX - box.left) / box.width) * count);
    return Math.max(0, Math.min(count - 1, at));
  };
  const cellText = (at: number) =>
    `${formatShort(from + at * entity.interval_ms, zone.value)}: ${tn("result.events", lane.bars[at] ?? 0)}, ${t(
      "compare.against",
      { n: formatNumber(lane.before[at] ?? 0) },
    )}`;
  const onKeyDown = (event: KeyboardEvent) => {
    const now = active ?? count - 1;
    const steps: Record<string, number> = {
      ArrowLeft: Math.max(0, now - 1),
      ArrowRight: Math.min(count - 1, now + 1),
      Home: 0,
      End: count - 1,
    };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setActive(next);
  };
  return (
    <div class="lane" data-test="lane">
      <a
        class="lane-name"
        href={entitySearch(entity.fields, entity.value, { from: iso(from), to: iso(to) }, lane.log_type)}
      >
        <i class={`dot ${fill}`} aria-hidden="true" />
        <Short text={lane.log_type} limit={40} />
      </a>
      <span class="lane-total">
        {formatNumber(lane.total)} <Change now={lane.total} before={lane.before_total} />
      </span>
      <button
        type="button"
        class="lane-cells"
        aria-label={`${lane.log_type}. ${cellText(active ?? count - 1)}`}
        onPointerMove={(event) => setActive(cellAt(event))}
        onPointerLeave={() => setActive(null)}
        onBlur={() => setActive(null)}
        onKeyDown={onKeyDown}
        onClick={(event) => open(event.detail === 0 ? (active ?? count - 1) : cellAt(event))}
      >
        <svg viewBox={`0 0 ${count} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {lane.before.map((value, at) => (
            <rect
              key={`g${at}`}
              class="ghost"
              x={at + 0.06}
              y={HEIGHT - height(value)}
              width="0.88"
              height={height(value)}
            />
          ))}
          {lane.bars.map((value, at) => (
            <rect key={at} class={fill} x={at + 0.2} y={HEIGHT - height(value)} width="0.6" height={height(value)} />
          ))}
          {active !== null && <rect class="lane-active" x={active} y="0" width="1" height={HEIGHT} />}
        </svg>
        {active !== null && (
          <span
            class="lane-tip"
            data-side={active > count / 2 ? "left" : "right"}
            aria-hidden="true"
            style={{
              [active > count / 2 ? "right" : "left"]:
                `${100 * (active > count / 2 ? 1 - active / count : (active + 1) / count)}%`,
            }}
          >
            {cellText(active)}
          </span>
        )}
      </button>
    </div>
  );
}

function LaneTable({ entity, from }: { entity: Entity; from: number }) {
  const count = entity.lanes[0]?.bars.length ?? 0;
  return (
    <div class="table-scroll lane-table" tabIndex={0} role="region" aria-label={t("entity.activity")}>
      <table class="plain">
        <thead>
          <tr>
            <th>{t("chart.time")}</th>
            {entity.lanes.map((lane) => (
              <th key={lane.log_type} class="number">
                <Short text={lane.log_type} limit={40} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: count }, (_, at) => (
            <tr key={at}>
              <th class="mono">{formatShort(from + at * entity.interval_ms, zone.value)}</th>
              {entity.lanes.map((lane) => (
                <td key={lane.log_type} class="number">
                  {formatNumber(lane.bars[at] ?? 0)}
                  <small class="hint"> ({formatNumber(lane.before[at] ?? 0)})</small>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
