// How a count changed against the period before, told by sign and word as well as by colour.
import { formatNumber, formatPercent, t } from "../i18n";
import { changeOf } from "../lib/compare";

/** A percentage, or a multiple once that is easier to read. */
const amount = (ratio: number) =>
  ratio >= 9 ? `×${formatNumber(Math.round(ratio + 1))}` : formatPercent(Math.round(ratio * 1000) / 10, true);

export function Change({ now, before }: { now: number; before: number }) {
  const change = changeOf(now, before);
  const title = t("compare.was", { n: formatNumber(before) });
  switch (change.kind) {
    case "same":
      return (
        <span class="change" title={title}>
          = {t("compare.same")}
        </span>
      );
    case "new":
      return (
        <span class="change up" title={title}>
          ▲ {t("compare.new")}
        </span>
      );
    case "gone":
      return (
        <span class="change down" title={title}>
          ▼ {t("compare.gone")}
        </span>
      );
    default:
      return (
        <span class={change.kind === "more" ? "change up" : "change down"} title={title}>
          {change.kind === "more" ? "▲" : "▼"} {amount(change.ratio)}
        </span>
      );
  }
}
