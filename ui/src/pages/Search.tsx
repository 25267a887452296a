// The search view: filters, result line, histogram, table, and the open event beside it.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Change } from "../components/Change";
import { EventTable } from "../components/EventTable";
import { EventView } from "../components/EventView";
import { FieldList } from "../components/FieldList";
import { FilterBar } from "../components/FilterBar";
import { Histogram } from "../components/Histogram";
import { lazyPart } from "../components/lazy";
import { IconButton } from "../components/IconButton";
import { Icon } from "../components/icons";
import { errorText, NothingFound, SearchNotices } from "../components/Messages";
import { QueryNotes } from "../components/CommandBox";
import { Short } from "../components/Text";
import { TopBar } from "../components/TopBar";
import { useDocument } from "../components/useDocument";
import { SkeletonRows } from "../components/Skeleton";
import { SelectionBar } from "../components/SelectionBar";
import { ValueMenu } from "../components/ValueMenu";
import { ViewBar } from "../components/ViewBar";
import { formatNumber, t, tn } from "../i18n";
import { titleOf, valueAt } from "../lib/document";
import { formatTime } from "../lib/time";
import { docPath } from "../router";
import { pointed } from "../state/focus";
import { before, nothingBefore, startCompare } from "../state/compare";
import { startExplain } from "../state/explain";
import { fieldListShown, startFields } from "../state/fields";
import { startGroups } from "../state/groups";
import { moveRow } from "../state/keys";
import { startNewness } from "../state/newness";
import { copyText } from "../state/live";
import { closeEvent } from "../state/document";
import {
  failure,
  phase,
  refresh,
  rows,
  setView,
  startSearch,
  stopSearching,
  tookMs,
  total,
  view,
  waiting,
} from "../state/search";
import { zone } from "../state/settings";

const Explain = lazyPart(() => import("../components/Explain").then((module) => module.Explain));
const GroupTable = lazyPart(() => import("../components/GroupTable").then((module) => module.GroupTable));
const Timeline = lazyPart(() => import("../components/Timeline").then((module) => module.Timeline));

export function SearchPage() {
  // Before the first paint: the request is on its way while the frame is drawn.
  useLayoutEffect(() => {
    const stops = [startSearch, startFields, startCompare, startGroups, startExplain, startNewness].map((start) =>
      start(),
    );
    return () => stops.forEach((stop) => stop());
  }, []);
  useEffect(() => () => void (pointed.value = null), []);
  useRefreshing(view.value.every);
  const { doc, explain } = view.value;
  return (
    <>
      <TopBar />
      <main
        class="page search"
        id="content"
        data-open={doc !== null}
        data-fields={fieldListShown.value}
        data-phase={phase.value}
      >
        {waiting.value && <div class="progress" role="progressbar" aria-label={t("result.updating")} />}
        {fieldListShown.value && <FieldList />}
        <div class="results">
          <QueryNotes />
          <div class="strip">
            <ResultLine />
            <FilterBar />
            <ViewBar />
          </div>
          <SearchNotices />
          <Histogram />
          {explain && <Explain />}
          <Rows />
          <SelectionBar />
        </div>
        {doc && <Detail index={doc.index} id={doc.id} />}
      </main>
      <ValueMenu />
    </>
  );
}

/** Searches again every so many seconds while the page is in sight. */
function useRefreshing(seconds: number): void {
  useEffect(() => {
    if (seconds === 0) return;
    const timer = setInterval(() => {
      if (!document.hidden && phase.peek() === "ready") refresh();
    }, seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
}

function Rows() {
  if (phase.value === "first") return <SkeletonRows count={18} />;
  if (rows.value.length === 0)
    return total.value?.value === 0 && !failure.value ? <NothingFound /> : <div class="grid" />;
  switch (view.value.kind) {
    case "table":
      return <GroupTable />;
    case "timeline":
      return <Timeline />;
    case "list":
      return <EventTable />;
  }
}

function ResultLine() {
  const count = total.value;
  if (waiting.value || !count) {
    return (
      <p class="result-line" data-test="result-line">
        <span class="hint">{phase.value !== "ready" && t("result.updating")}</span>
        {waiting.value && (
          <button type="button" class="link-button" onClick={stopSearching}>
            {t("result.stop")}
          </button>
        )}
      </p>
    );
  }
  const { value, exact } = count;
  return (
    <p class="result-line" data-test="result-line">
      <b>{exact ? tn("result.events", value) : t("result.atLeast", { n: formatNumber(value) })}</b>
      <span class="took">· {t("result.took", { ms: formatNumber(tookMs.value) })}</span>
      {view.value.compare && <Compared now={value} />}
      {view.value.kind === "list" && view.value.columns.length > 0 && (
        <button type="button" class="link-button" onClick={() => setView({ columns: [] })}>
          {t("result.columns.reset")}
        </button>
      )}
    </p>
  );
}

/** How many events the period before had. */
function Compared({ now }: { now: number }) {
  const earlier = before.value;
  if (nothingBefore.value) return <span class="hint">{t("compare.none")}</span>;
  if (!earlier) return null;
  return (
    <span class="compared" data-test="compared">
      <Change now={now} before={earlier.total} />
      <span class="took">{t("compare.against", { n: formatNumber(earlier.total) })}</span>
    </span>
  );
}

function Detail({ index, id }: { index: string; id: string }) {
  const panel = useRef<HTMLElement>(null);
  const state = useDocument(index, id);
  const source = state.kind === "ready" ? (state.hit._source ?? {}) : {};
  const at = Date.parse(valueAt(source, "@timestamp") ?? "");
  const title = titleOf(source) ?? t("detail.label");
  return (
    <aside ref={panel} class="detail" aria-label={t("detail.label")} data-test="detail">
      <header class="detail-head">
        <div class="detail-title">
          <h2>
            <Short text={title} limit={80} />
          </h2>
          <p>
            <span class="badge">
              <Short text={valueAt(source, "@log_type") ?? "…"} limit={40} />
            </span>
            {Number.isFinite(at) && (
              <time class="mono" dateTime={new Date(at).toISOString()}>
                {formatTime(at, zone.value)}
              </time>
            )}
          </p>
        </div>
        <IconButton icon="up" label={t("detail.previous")} shortcut="k" onClick={() => moveRow(-1)} />
        <IconButton icon="down" label={t("detail.next")} shortcut="j" onClick={() => moveRow(1)} />
        <IconButton
          icon="link"
          label={t("detail.link")}
          onClick={() => void copyText(location.origin + docPath(index, id), t("live.linkCopied"))}
        />
        <a class="icon-button" href={docPath(index, id)} aria-label={t("detail.open")} title={t("detail.open")}>
          <Icon name="open" />
        </a>
        <IconButton icon="close" label={t("detail.close")} shortcut="Esc" onClick={closeEvent} />
      </header>
      {state.kind === "ready" && (
        <EventView hit={state.hit} tab={view.value.tab} onTab={(tab) => setView({ tab }, "replace")} />
      )}
      {state.kind === "missing" && <p class="empty">{t("detail.missing")}</p>}
      {state.kind === "error" && <p class="empty">{errorText(state.error)}</p>}
    </aside>
  );
}
