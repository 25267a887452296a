// States in words: errors, partial results, the server out of reach, and why nothing was found.
import type { ApiError } from "../api/client";
import { t, tCode, tn } from "../i18n";
import { formatShort } from "../lib/time";
import { boundsOf, failure, partial, refresh, setView, stopped, suggestions, view } from "../state/search";
import { offlineFor, retryNow } from "../state/session";
import { zone } from "../state/settings";
import { filterText } from "./FilterBar";
import { Short } from "./Text";

/** What an error means, in the reader's language. */
export function errorText(error: ApiError): string {
  if (error.code === "offline") return t("error.network");
  return tCode("error", error.code, "error.other", error.params);
}

export function OfflineBanner() {
  const left = offlineFor.value;
  if (left === null) return null;
  return (
    <div class="banner bad" role="status">
      <span class="shape" aria-hidden="true">
        !
      </span>
      {t("error.offline", { n: left })}
      <button type="button" class="link-button" onClick={retryNow}>
        {t("error.offline.now")}
      </button>
    </div>
  );
}

export function SearchNotices() {
  const cut = partial.value;
  const error = failure.value;
  return (
    <>
      {error && error.code !== "offline" && <ErrorNote error={error} onRetry={refresh} />}
      {stopped.value && <Notice text={t("result.stopped")} />}
      {cut === "timed_out" && <Notice text={t("result.timedOut")} />}
      {cut && cut !== "timed_out" && <Notice text={t("result.partial", cut)} />}
    </>
  );
}

function Notice({ text }: { text: string }) {
  return (
    <div class="banner warn" role="status">
      <span class="shape" aria-hidden="true">
        △
      </span>
      {text}
      <button type="button" class="link-button" onClick={refresh}>
        {t("result.retry")}
      </button>
    </div>
  );
}

export function ErrorNote({ error, onRetry }: { error: ApiError; onRetry: () => void }) {
  return (
    <div class="banner bad" role="alert">
      <span class="shape" aria-hidden="true">
        ✕
      </span>
      <b>{t("error.title")}</b> <Short text={errorText(error)} limit={400} />
      {error.requestId && <small>{t("error.reference", { id: error.requestId })}</small>}
      <button type="button" class="link-button" onClick={onRetry}>
        {t("result.retry")}
      </button>
    </div>
  );
}

export function NothingFound() {
  const bounds = boundsOf(view.value, Date.now());
  const ways = suggestions.value;
  return (
    <div class="empty" role="status" data-test="empty">
      <h2>{t("empty.title")}</h2>
      <p>
        {bounds?.from != null && bounds.to != null
          ? t("empty.range", { from: formatShort(bounds.from, zone.value), to: formatShort(bounds.to, zone.value) })
          : t("empty.all")}
      </p>
      {ways === null && <p class="hint">{t("empty.checking")}</p>}
      {ways?.length === 0 && <p class="hint">{t("empty.nothing")}</p>}
      <ul>
        {ways?.map((way) => (
          <li key={way.kind + (way.filter?.field ?? "") + (way.filter?.value ?? "")}>
            <Short
              text={tn(`empty.${way.kind}`, way.count, way.filter ? { filter: filterText(way.filter) } : {})}
              limit={160}
            />
            <button type="button" class="chip-button" onClick={() => setView(way.patch)}>
              {t("empty.show")}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
