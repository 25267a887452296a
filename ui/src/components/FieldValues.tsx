// What one field holds over all matches: commonest and rarest values with their share, distinct, missing, percentiles.
import { useEffect, useState } from "preact/hooks";
import type { FieldStats, ValueCount } from "../api/types";
import { formatNumber, formatPercent, t } from "../i18n";
import { share } from "../lib/statistics";
import { formatShort } from "../lib/time";
import { valueAttributes } from "../state/focus";
import { known, rareValues, statsFailed } from "../state/fields";
import { addPill, current } from "../state/search";
import { zone } from "../state/settings";
import { Icon } from "./icons";
import { Short } from "./Text";

/** Values shown before the rest is asked for. */
const FEW = 4;

export function FieldValues({ name, type, counted }: { name: string; type: string; counted: boolean }) {
  const [all, setAll] = useState(false);
  const [rare, setRare] = useState(false);
  const found = known.value[name];
  if (!found) return <p class="field-note">{statsFailed.value ? t("fields.failed") : t("list.loading")}</p>;
  const { total, stats } = found;
  if (!stats) return <p class="field-note">{t("fields.none")}</p>;
  const values = stats.top.slice(0, all ? stats.top.length : FEW);
  const rest = stats.count - values.reduce((sum, { n }) => sum + n, 0);
  const hidden = stats.top.length - values.length;
  return (
    <div class="field-values" data-test={`values-${name}`}>
      <div class="field-facts-row">
        <Facts stats={stats} total={total} type={type} />
        {stats.distinct != null && stats.distinct > 1 && (
          <span class="field-tabs" role="group" aria-label={name}>
            <button type="button" aria-pressed={!rare} onClick={() => setRare(false)}>
              {t("fields.top")}
            </button>
            <button type="button" aria-pressed={rare} onClick={() => setRare(true)}>
              {t("fields.rare")}
            </button>
          </span>
        )}
      </div>
      {!counted && <p class="field-note">{t("fields.notCounted")}</p>}
      {rare ? (
        <Rare name={name} total={total} />
      ) : (
        <>
          <Values name={name} values={values} total={total} />
          {rest > 0 && (
            <button
              type="button"
              class="value-others"
              disabled={hidden === 0}
              title={hidden > 0 ? t("value.moreValues", { n: hidden }) : undefined}
              onClick={() => setAll(true)}
            >
              <span>
                {t("fields.others")}
                {hidden > 0 && " ▾"}
              </span>
              <span class="value-bar-share">{formatPercent(share(rest, total))}</span>
            </button>
          )}
        </>
      )}
    </div>
  );
}

function Facts({ stats, total, type }: { stats: FieldStats; total: number; type: string }) {
  const number = (value: number) => (type === "date" ? formatShort(value, zone.value) : formatNumber(round(value)));
  const facts: [string, string][] = [];
  if (stats.distinct != null) facts.push([t("fields.distinct"), formatNumber(stats.distinct)]);
  facts.push([t("fields.missing"), formatPercent(share(stats.missing, total))]);
  if (stats.min != null) facts.push([t("fields.min"), number(stats.min)]);
  if (stats.p50 != null) facts.push([t("fields.median"), number(stats.p50)]);
  if (stats.p95 != null) facts.push(["p95", number(stats.p95)]);
  if (stats.max != null) facts.push([t("fields.max"), number(stats.max)]);
  return (
    <dl class="field-facts">
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const round = (value: number) => (Math.abs(value) < 100 ? Math.round(value * 100) / 100 : Math.round(value));

function Rare({ name, total }: { name: string; total: number }) {
  const [values, setValues] = useState<ValueCount[] | null>(null);
  const run = current.value;
  useEffect(() => {
    const mine = new AbortController();
    setValues(null);
    rareValues(name, mine.signal).then(
      (found) => mine.signal.aborted || setValues(found),
      () => mine.signal.aborted || setValues([]),
    );
    return () => mine.abort();
  }, [name, run]);
  if (!values) return <p class="field-note">{t("list.loading")}</p>;
  return <Values name={name} values={values} total={total} />;
}

function Values({ name, values, total }: { name: string; values: ValueCount[]; total: number }) {
  return (
    <ul class="value-bars">
      {values.map(({ v, n }) => {
        const text = String(v);
        const percent = share(n, total);
        return (
          <li key={text} class="value-bar">
            <button
              type="button"
              class="value-bar-text"
              {...valueAttributes(name, text)}
              title={t("fields.keep", { n: formatNumber(n) })}
              onClick={() => addPill({ field: name, value: text })}
            >
              <i class="value-bar-fill" style={{ width: `${percent}%` }} aria-hidden="true" />
              <span class="value-bar-name">
                <Short text={text} limit={80} />
              </span>
              <span class="value-bar-share" title={formatNumber(n)}>
                {formatPercent(percent)}
              </span>
            </button>
            <button
              type="button"
              class="icon-button small"
              aria-label={`${t("value.hide")}: ${text.slice(0, 60)}`}
              title={t("value.hide")}
              onClick={() => addPill({ field: name, value: text, negated: true })}
            >
              <Icon name="minus" size={14} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
