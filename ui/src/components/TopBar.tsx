// The bar of the search view: log type, command box, time, refresh by hand and by itself.
import { formatInterval, formatNumber, language, t } from "../i18n";
import { REFRESH_CHOICES } from "../lib/url-state";
import { refresh, setView, view } from "../state/search";
import { logTypes } from "../state/session";
import { CommandBox } from "./CommandBox";
import { IconButton } from "./IconButton";
import { TimePicker } from "./TimePicker";

export function TopBar() {
  const { ix } = view.value;
  const types = logTypes.value;
  const known = ix === "" || types.some((type) => type.id === ix);
  return (
    <header class="topbar">
      <select
        class="bar-select"
        aria-label={t("bar.type")}
        value={ix}
        onChange={(event) => setView({ ix: event.currentTarget.value, columns: [], unfolded: [] })}
      >
        <option value="">{t("bar.type.all")}</option>
        {!known && <option value={ix}>{ix}</option>}
        {types.map((type) => (
          <option key={type.id} value={type.id}>
            {type.title[language.value]}
            {type.events_24h > 0 ? ` · ${formatNumber(type.events_24h)}` : ""}
          </option>
        ))}
      </select>
      <CommandBox />
      <TimePicker />
      <span class="bar-group">
        <IconButton icon="refresh" label={t("bar.refresh")} class="bar-button square" onClick={refresh} />
        <select
          class="bar-select every"
          aria-label={t("search.every")}
          title={t("search.every")}
          value={String(view.value.every)}
          onChange={(event) => setView({ every: Number(event.currentTarget.value) }, "replace")}
        >
          {REFRESH_CHOICES.map((seconds) => (
            <option key={seconds} value={String(seconds)}>
              {seconds === 0
                ? t("search.every.off")
                : seconds < 60
                  ? formatInterval(`${seconds}s`)
                  : formatInterval(`${seconds / 60}m`)}
            </option>
          ))}
        </select>
      </span>
    </header>
  );
}
