// How each source is doing, and why a log is not here.
import { Fragment } from "preact";
import { getDeadLetters, getSources } from "../api/client";
import type { Source } from "../api/types";
import { AnswerPage } from "../components/AnswerPage";
import { Icon } from "../components/icons";
import { SkeletonRows } from "../components/Skeleton";
import { WhereaboutsPanel } from "../components/sources/Whereabouts";
import { Spark } from "../components/Spark";
import { Long, Short } from "../components/Text";
import { useAnswer } from "../components/useAnswer";
import { useParam } from "../components/usePaged";
import { formatBytes, formatNumber, t, tn } from "../i18n";
import { ago, span } from "../lib/ago";
import { formatTime } from "../lib/time";
import { readState, writeState } from "../lib/url-state";
import { typeFill } from "../state/session";
import { zone } from "../state/settings";
import "../styles/panels.css";
import "../styles/sources.css";

const SAMPLES = 5;
const SHAPES = { good: "✓", silent: "△", failing: "✕" } as const;

export function SourcesPage() {
  const answer = useAnswer("sources", getSources);
  return (
    <AnswerPage
      answer={answer}
      name="sources"
      head={
        <>
          <h1>{t("sources.title")}</h1>
          <WhereaboutsPanel />
        </>
      }
      waiting={<SkeletonRows count={8} class="panel" />}
    >
      {(data) => (
        <>
          {data.items.length === 0 ? (
            <p class="empty" data-test="empty">
              {t("sources.none")}
            </p>
          ) : (
            <SourceTable items={data.items} now={Date.parse(data.now)} />
          )}
          {data.ignored_objects > 0 && (
            <p>
              <a href="/ledger?status=ignored">{tn("sources.ignoredObjects", data.ignored_objects)}</a>
            </p>
          )}
          {data.unused.length > 0 && (
            <details class="unused">
              <summary>{tn("sources.unused", data.unused.length)}</summary>
              <p class="mono">{data.unused.join(" · ")}</p>
            </details>
          )}
        </>
      )}
    </AnswerPage>
  );
}

function SourceTable({ items, now }: { items: Source[]; now: number }) {
  const [open, setOpen] = useParam("open");
  const order = { silent: 0, failing: 1, good: 2 };
  const sorted = [...items].sort((a, b) => order[a.state] - order[b.state] || b.events_24h - a.events_24h);
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={t("sources.title")}>
      <table class="plain source-table" data-test="source-table">
        <thead>
          <tr>
            <th>{t("sources.col.state")}</th>
            <th>{t("sources.col.type")}</th>
            <th>{t("sources.col.last")}</th>
            <th class="number">{t("sources.col.lag")}</th>
            <th class="number">{t("sources.col.rate")}</th>
            <th class="number">{t("sources.col.day")}</th>
            <th>{t("sources.col.week")}</th>
            <th class="number">{t("sources.col.bytes")}</th>
            <th class="number">{t("sources.col.dead")}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((source) => (
            <Fragment key={source.log_type}>
              <Row
                source={source}
                now={now}
                open={open === source.log_type}
                onToggle={() => setOpen(open === source.log_type ? "" : source.log_type)}
              />
              {open === source.log_type && <Details source={source} />}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ source, now, open, onToggle }: { source: Source; now: number; open: boolean; onToggle: () => void }) {
  const { log_type, state, lag, sums } = source;
  const last = source.last_event ? Date.parse(source.last_event) : null;
  const fill = typeFill(log_type);
  const week = source.week.reduce((sum, count) => sum + count, 0);
  return (
    <tr data-state={state} data-test="source">
      <td>
        <span class="source-state" data-tone={state}>
          <span aria-hidden="true">{SHAPES[state]}</span> {t(`sources.state.${state}`)}
        </span>
      </td>
      <td>
        <button type="button" class="source-name" aria-expanded={open} onClick={onToggle}>
          <Icon name={open ? "up" : "down"} size={12} />
          <i class={`dot ${fill}`} aria-hidden="true" />
          <Short text={log_type} limit={40} />
        </button>
      </td>
      <td title={last === null ? undefined : formatTime(last, zone.value)}>{last === null ? "–" : ago(last, now)}</td>
      <td class="number" title={lag ? tn("sources.lag.of", lag.events) : undefined}>
        {lag ? `${span(lag.p50_ms)} / ${span(lag.p95_ms)}` : "–"}
      </td>
      <td class="number">{formatNumber(source.per_minute)}</td>
      <td class="number">{formatNumber(source.events_24h)}</td>
      <td class="week">
        <Spark bars={source.week} fill={fill} label={t("sources.week", { n: formatNumber(week) })} />
      </td>
      <td class="number">{sums ? formatBytes(sums.size_bytes_24h) : "–"}</td>
      <td class="number">
        {sums && sums.dead_letters > 0 ? (
          <a class="bad" href="/dead-letters">
            {formatNumber(sums.dead_letters)}
          </a>
        ) : (
          "0"
        )}
      </td>
    </tr>
  );
}

function Details({ source }: { source: Source }) {
  const { log_type, sums } = source;
  const letters = useAnswer(sums && sums.dead_letters > 0 ? log_type : null, (signal) =>
    getDeadLetters({ log_type, limit: SAMPLES }, signal),
  );
  return (
    <tr class="source-details" data-test="source-details">
      <td colSpan={9}>
        <div class="detail-grid">
          <dl>
            <div>
              <dt>{t("sources.detail.index")}</dt>
              <dd class="mono">{source.index ?? "–"}</dd>
            </div>
            <div>
              <dt>{t("sources.detail.gap")}</dt>
              <dd>
                {source.usual_gap_ms === null || source.usual_gap_ms === undefined
                  ? t("sources.detail.gap.unknown")
                  : t("sources.detail.gap.text", { gap: span(source.usual_gap_ms) })}
              </dd>
            </div>
            {sums && (
              <>
                <div>
                  <dt>{t("sources.detail.objects")}</dt>
                  <dd>
                    {formatNumber(sums.objects)} · {formatBytes(sums.size_bytes)}
                    {sums.failed_objects > 0 && (
                      <b class="bad"> · {tn("sources.detail.failed", sums.failed_objects)}</b>
                    )}
                  </dd>
                </div>
                <div>
                  <dt>{t("sources.detail.records")}</dt>
                  <dd>
                    {t("sources.records", {
                      read: formatNumber(sums.read),
                      documents: formatNumber(sums.documents),
                      excluded: formatNumber(sums.excluded),
                      failed: formatNumber(sums.failed),
                    })}
                  </dd>
                </div>
              </>
            )}
          </dl>
          <a
            class="button"
            href={`/search${writeState({ ...readState(""), ix: log_type, from: "now-7d", to: "now" })}`}
          >
            <Icon name="search" size={14} /> {t("sources.open")}
          </a>
        </div>
        {letters.data && letters.data.items.length > 0 && (
          <>
            <h3>{t("sources.samples")}</h3>
            <ul class="samples" data-test="samples">
              {letters.data.items.map((letter) => (
                <li key={letter.id}>
                  <span class="badge">{letter.reason}</span> <Short text={letter.detail} limit={160} />
                  <pre class="mono">
                    <Long text={letter.raw} limit={240} />
                  </pre>
                </li>
              ))}
            </ul>
          </>
        )}
      </td>
    </tr>
  );
}
