// Why look at this: threat lists, how new, how rare, how much busier, how often it failed.
import type { ComponentChildren } from "preact";
import type { Entity } from "../../api/types";
import { formatNumber, t, tn } from "../../i18n";
import { ago } from "../../lib/ago";
import { DAY, formatShort, formatTime } from "../../lib/time";
import { zone } from "../../state/settings";
import { Short } from "../Text";

/** Nothing is called new or rare until the logs reach back this many days. */
const MIN_BASELINE_DAYS = 3;
/** How many times busier than before is told. */
const BUSIER = 3;
/** Share of failures that is told. */
const FAILING = 0.5;
const MIN_OUTCOMES = 3;
const SHOWN_THREATS = 4;

type Tone = "bad" | "warn" | "plain";
const SHAPES: Record<Tone, string> = { bad: "⚠", warn: "◆", plain: "·" };

function Fact({ tone, name, children }: { tone: Tone; name: string; children: ComponentChildren }) {
  return (
    <li class="fact" data-tone={tone} data-test={`fact-${name}`}>
      <span class="fact-shape" aria-hidden="true">
        {SHAPES[tone]}
      </span>
      <div>{children}</div>
    </li>
  );
}

export function Facts({ entity, now }: { entity: Entity; now: number }) {
  const { rarity } = entity;
  const first = entity.first_seen ? Date.parse(entity.first_seen) : null;
  const last = entity.last_seen ? Date.parse(entity.last_seen) : null;
  const long = rarity.baseline_days >= MIN_BASELINE_DAYS;
  const isNew = long && first !== null && now - first < DAY;
  const rarer = rarity.peers > 0 ? rarity.peers_on_more_days / rarity.peers : 0;
  const isRare = long && rarity.seen_days > 0 && rarity.seen_days <= Math.max(1, rarity.baseline_days / 10);
  const busier = entity.before_window > 0 ? entity.in_window / entity.before_window : null;
  const failing = entity.with_outcome >= MIN_OUTCOMES ? entity.failed / entity.with_outcome : 0;
  const percent = (share: number) => formatNumber(Math.round(share * 1000) / 10);
  return (
    <ul class="facts-list">
      {entity.threats.slice(0, SHOWN_THREATS).map((threat, at) => (
        <Threat key={at} threat={threat} />
      ))}
      {entity.threats.length > SHOWN_THREATS && (
        <Fact tone="bad" name="threats-more">
          {t("entity.threat.more", { n: formatNumber(entity.threats.length - SHOWN_THREATS) })}
        </Fact>
      )}
      {first !== null && (
        <Fact tone={isNew ? "warn" : "plain"} name="first">
          {isNew && <b>{t("entity.new")} </b>}
          <span title={formatTime(first, zone.value)}>{t("entity.first", { ago: ago(first, now) })}</span>
          {last !== null && (
            <>
              {" "}
              <span class="hint" title={formatTime(last, zone.value)}>
                {t("entity.last", { ago: ago(last, now) })}
              </span>
            </>
          )}
          <p class="hint">{tn("entity.total", entity.total)}</p>
        </Fact>
      )}
      {rarity.seen_days > 0 && (
        <Fact tone={isRare ? "warn" : "plain"} name="rarity">
          {isRare && <b>{t("entity.rare")} </b>}
          {t("entity.days", { n: formatNumber(rarity.seen_days), of: formatNumber(rarity.baseline_days) })}
          {rarity.peers > 1 && rarer > 0 && ` ${t("entity.peers", { pct: percent(rarer) })}`}
          <DayStrip days={rarity.days} now={now} />
          {rarity.is_cut && <p class="hint">{t("entity.cut")}</p>}
        </Fact>
      )}
      {busier !== null && busier >= BUSIER && (
        <Fact tone="warn" name="busier">
          <b>{t("entity.busier")} </b>
          {t("entity.busier.text", { n: formatNumber(Math.round(busier * 10) / 10) })}
        </Fact>
      )}
      {failing >= FAILING && (
        <Fact tone="warn" name="failing">
          <b>{t("entity.failing")} </b>
          {t("entity.failing.text", {
            pct: percent(failing),
            n: formatNumber(entity.failed),
            of: formatNumber(entity.with_outcome),
          })}
        </Fact>
      )}
      {!long && <li class="fact hint">{t("entity.short", { n: formatNumber(rarity.baseline_days) })}</li>}
    </ul>
  );
}

function Threat({ threat }: { threat: Record<string, unknown> }) {
  const indicator = (threat["indicator"] ?? {}) as Record<string, unknown>;
  const text = (member: string) => (typeof indicator[member] === "string" ? (indicator[member] as string) : "");
  const seen = Date.parse(text("last_seen") || text("modified_at") || text("first_seen"));
  return (
    <Fact tone="bad" name="threat">
      <b>{t("entity.threat")} </b>
      <Short text={text("provider") || "–"} limit={60} />
      {text("type") && (
        <>
          {" · "}
          <Short text={text("type")} limit={60} />
        </>
      )}
      {(text("description") || text("name")) && (
        <p>
          <Short text={text("description") || text("name")} limit={200} />
        </p>
      )}
      {Number.isFinite(seen) && (
        <p class="hint">{t("entity.threat.listed", { time: formatShort(seen, zone.value).slice(0, 10) })}</p>
      )}
    </Fact>
  );
}

/** One bar for each day of the baseline. */
function DayStrip({ days, now }: { days: number[]; now: number }) {
  const most = Math.max(1, ...days);
  const day = (at: number) => new Date(now - (days.length - 1 - at) * DAY).toISOString().slice(0, 10);
  const summary = t("entity.strip", { n: formatNumber(days.length), most: formatNumber(most) });
  return (
    <svg class="day-strip" viewBox={`0 0 ${days.length * 8} 22`} role="img" aria-label={summary}>
      {days.map((count, at) => {
        const height = count === 0 ? 2 : 4 + (18 * Math.sqrt(count)) / Math.sqrt(most);
        return (
          <rect
            key={at}
            class={count === 0 ? "none" : "some"}
            x={at * 8 + 1}
            y={22 - height}
            width="6"
            height={height}
            rx="1"
          >
            <title>{`${day(at)}: ${formatNumber(count)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}
