// Explains a part of the time: values that are more common inside it than in the rest of the view.
import { formatNumber, formatPercent, t } from "../i18n";
import { formatShort } from "../lib/time";
import { valueAttributes } from "../state/focus";
import { explained } from "../state/explain";
import { addPill, setRange, setView, view } from "../state/search";
import { zone } from "../state/settings";
import { errorText } from "./Messages";
import { IconButton } from "./IconButton";
import { Icon } from "./icons";
import { Short } from "./Text";

const SHOWN = 20;

export function Explain() {
  const { explain } = view.value;
  const answer = explained.value;
  if (!explain) return null;
  const values = answer?.kind === "ready" ? answer.values.slice(0, SHOWN) : [];
  const most = Math.max(...values.map(({ in_pct, out_pct }) => Math.max(in_pct, out_pct)));
  const point = (text: string) => formatShort(Date.parse(text), zone.value);
  return (
    <section class="explain" aria-label={t("explain.title")} data-test="explain">
      <header class="explain-head">
        <h2>
          <Icon name="spark" /> {t("explain.title")}
        </h2>
        <span class="explain-range mono">
          {point(explain.from)} – {point(explain.to)}
        </span>
        <button
          type="button"
          class="link-button"
          onClick={() => {
            setView({ explain: null }, "replace");
            setRange(explain);
          }}
        >
          {t("explain.zoom")}
        </button>
        <span class="explain-gap" />
        <IconButton icon="close" label={t("explain.close")} shortcut="Esc" onClick={() => setView({ explain: null })} />
      </header>
      {(!answer || answer.kind === "loading") && <p class="hint">{t("explain.loading")}</p>}
      {answer?.kind === "error" && <p class="bad">{errorText(answer.error)}</p>}
      {answer?.kind === "ready" && answer.values.length === 0 && <p class="hint">{t("explain.nothing")}</p>}
      {values.length > 0 && (
        <div class="explain-body" tabIndex={0}>
          <table class="plain explain-table">
            <thead>
              <tr>
                <th>{t("filter.field")}</th>
                <th>{t("filter.value")}</th>
                <th class="number">{t("explain.inside")}</th>
                <th class="number">{t("explain.outside")}</th>
                <th>
                  <span class="off-screen">{t("explain.share")}</span>
                </th>
                <th class="number">{t("explain.lift")}</th>
              </tr>
            </thead>
            <tbody>
              {values.map(({ field, value, in_pct, out_pct, inside, outside, lift }) => {
                const text = String(value);
                return (
                  <tr key={`${field} ${text}`}>
                    <td class="mono">{field}</td>
                    <td class="mono">
                      <button
                        type="button"
                        class="value-button"
                        title={t("value.only")}
                        {...valueAttributes(field, text)}
                        onClick={() => addPill({ field, value: text })}
                      >
                        <Short text={text} limit={80} />
                      </button>
                    </td>
                    <td class="number" title={formatNumber(inside)}>
                      {formatPercent(in_pct)}
                    </td>
                    <td class="number" title={formatNumber(outside)}>
                      {formatPercent(out_pct)}
                    </td>
                    <td class="explain-bars" aria-hidden="true">
                      <i class="in" style={{ width: `${(100 * in_pct) / most}%` }} />
                      <i class="out" style={{ width: `${(100 * out_pct) / most}%` }} />
                    </td>
                    <td class="number">×{formatNumber(lift)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
