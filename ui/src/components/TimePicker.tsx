// The time range: quick ranges, a typed one (`15m`, `2h ago`, `昨日`), an exact one, and the zone.
import { useState } from "preact/hooks";
import { t, tn, type PluralKey } from "../i18n";
import { formatShort, parseRange, resolveTime, zoneName, type TimeRange } from "../lib/time";
import { setRange, shownRange, view } from "../state/search";
import { setZone, zone } from "../state/settings";
import { Icon } from "./icons";
import { Popover } from "./Popover";
import { TypedRange } from "./TypedRange";

const QUICK = ["15m", "1h", "4h", "24h", "7d", "30d", "90d"];

/** A range in words: `Last 24 hours`, or its two ends. */
export function rangeText({ from, to }: TimeRange): string {
  if (from === "all") return t("time.all");
  const relative = /^now-(\d+)([smhdw])$/.exec(from);
  if (relative && to === "now") {
    const count = Number(relative[1]);
    return t("time.last", { n: count, unit: tn(`unit.${relative[2]}` as PluralKey, count) });
  }
  return `${pointText(from)} – ${pointText(to)}`;
}

function pointText(text: string): string {
  if (text === "now") return t("time.to.now");
  const at = resolveTime(text, Date.now());
  return at === null || text.startsWith("now") ? text : formatShort(at, zone.value);
}

export function TimePicker() {
  const { from, to } = view.value;
  const now = Date.now();
  const range = rangeText({ from, to });
  const zoneText = zoneName(zone.value, now).replace(/ \(.*/, "");
  const button = (
    <>
      <Icon name="clock" />
      <span class="time-text">{range}</span> <span class="time-zone">{zoneText}</span>
      <Icon name="down" size={12} />
    </>
  );
  return (
    <Popover class="bar-button time-button" label={`${t("time.button")}: ${range} ${zoneText}`} button={button}>
      {(close) => <TimeForm key={`${from} ${to} ${zone.value}`} close={close} />}
    </Popover>
  );
}

function TimeForm({ close }: { close: () => void }) {
  const range = shownRange();
  const [from, setFrom] = useState(range ? formatShort(range.from, zone.value) : "");
  const [to, setTo] = useState(range ? formatShort(range.to, zone.value) : "");
  const [bad, setBad] = useState(false);

  const take = (next: TimeRange) => {
    setRange(next);
    close();
    return true;
  };
  return (
    <div class="time-form">
      <TypedRange id="time-typed" onTake={take} />
      <h3>{t("time.quick")}</h3>
      <div class="quick">
        {[...QUICK.map((size) => ({ from: `now-${size}`, to: "now" })), { from: "all", to: "now" }].map((quick) => (
          <button
            key={quick.from}
            type="button"
            class="chip-button"
            aria-pressed={quick.from === view.value.from && quick.to === view.value.to}
            onClick={() => take(quick)}
          >
            {rangeText(quick)}
          </button>
        ))}
      </div>
      <h3>{t("time.absolute")}</h3>
      <form
        class="time-exact"
        onSubmit={(event) => {
          event.preventDefault();
          const exact = parseRange(`${from} to ${to}`, Date.now(), zone.value);
          setBad(exact === null);
          if (exact) take(exact);
        }}
      >
        <label>
          <span>{t("time.from")}</span>
          <input
            class="input mono"
            value={from}
            aria-invalid={bad}
            placeholder="2026-11-20 09:00"
            onInput={(event) => setFrom(event.currentTarget.value)}
          />
        </label>
        <label>
          <span>{t("time.to")}</span>
          <input
            class="input mono"
            value={to}
            aria-invalid={bad}
            placeholder="2026-11-20 10:30"
            onInput={(event) => setTo(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button">
          {t("time.apply")}
        </button>
      </form>
      {bad && (
        <p class="hint bad" role="alert">
          {t("time.bad")}
        </p>
      )}
      <p class="zone-line">
        {t("time.zone", { zone: zoneName(zone.value, Date.now()) })}
        <button type="button" class="link-button" onClick={() => setZone(zone.value === "utc" ? "local" : "utc")}>
          {zone.value === "utc" ? t("time.zone.local") : t("time.zone.utc")}
        </button>
      </p>
    </div>
  );
}
