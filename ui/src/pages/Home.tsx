// What needs attention now; three steps to begin with while there are no logs.
import { useEffect, useState } from "preact/hooks";
import { deleteSavedSearch, getHome, getSavedSearches } from "../api/client";
import type { Home } from "../api/types";
import { AnswerPage, SkeletonPanels } from "../components/AnswerPage";
import { CommandBox } from "../components/CommandBox";
import { Change } from "../components/Change";
import { ValueLink } from "../components/EntityLink";
import { Steps } from "../components/home/Steps";
import { IconButton } from "../components/IconButton";
import { Spark } from "../components/Spark";
import { Short } from "../components/Text";
import { useAnswer } from "../components/useAnswer";
import { formatNumber, t, tCode, tn } from "../i18n";
import { ago, span } from "../lib/ago";
import { entityPath } from "../lib/entities";
import { THREAT_FIELD } from "../lib/query";
import { HOUR, iso, type TimeRange } from "../lib/time";
import { readState, writeState } from "../lib/url-state";
import { showNote } from "../state/live";
import { loadLogTypes, typeFill } from "../state/session";
import "../styles/panels.css";
import "../styles/home.css";

const DAY: TimeRange = { from: "now-24h", to: "now" };
/** Field that a kind of newcomer was found in. */
const FIELDS: Record<string, string> = {
  country: "source.geo.country_name",
  asn: "source.as.organization.name",
  user: "user.name",
  action: "event.action",
};

export function HomePage() {
  const [empty, setEmpty] = useState(false);
  const answer = useAnswer("home", getHome);
  const check = async () => {
    try {
      const types = await loadLogTypes(true);
      setEmpty(types.every((type) => type.last_event === null));
      answer.reload();
    } catch {
      // The page says itself what is wrong.
    }
  };
  useEffect(() => {
    loadLogTypes().then(
      (types) => setEmpty(types.length > 0 && types.every((type) => type.last_event === null)),
      () => {},
    );
  }, []);
  if (empty && answer.data?.volume.length === 0)
    return (
      <>
        <header class="topbar">
          <CommandBox />
        </header>
        <main class="page home" id="content">
          <h1 class="off-screen">{t("home.heading")}</h1>
          <Steps onCheck={() => void check()} />
        </main>
      </>
    );
  return (
    <AnswerPage
      answer={answer}
      name="home"
      class="home-page"
      head={<h1>{t("home.heading")}</h1>}
      waiting={<SkeletonPanels class="home-cards" lines={2} />}
    >
      {(data) => (
        <>
          <div class="home-cards">
            <Silent home={data} />
            <Threats home={data} />
            <Saved />
          </div>
          <Newcomers home={data} />
          <Volume home={data} />
        </>
      )}
    </AnswerPage>
  );
}

function Silent({ home }: { home: Home }) {
  const now = Date.parse(home.now);
  return (
    <section class="panel" data-test="silent">
      <header class="panel-head">
        <h2>{t("home.silent")}</h2>
        <a class="panel-more" href="/sources">
          {t("home.sources")}
        </a>
      </header>
      {home.silent.length === 0 ? (
        <p class="panel-body calm">
          <span aria-hidden="true">✓ </span>
          {t("home.silent.none")}
        </p>
      ) : (
        <ul class="card-list">
          {home.silent.map(({ log_type, last_event, usual_gap_ms }) => (
            <li key={log_type} data-tone="warn">
              <span class="fact-shape" aria-hidden="true">
                △
              </span>
              <a class="value-link" href={`/sources?open=${encodeURIComponent(log_type)}`}>
                <Short text={log_type} limit={40} />
              </a>
              <span class="hint">
                {last_event &&
                  t("home.silent.since", { ago: ago(Date.parse(last_event), now), gap: span(usual_gap_ms) })}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Threats({ home }: { home: Home }) {
  const { total, indicators } = home.threats;
  return (
    <section class="panel" data-test="threats">
      <header class="panel-head">
        <h2>{t("home.threats")}</h2>
        {total > 0 && (
          <a
            class="panel-more"
            href={`/search${writeState({ ...readState(""), filters: [{ field: THREAT_FIELD }], ...DAY })}`}
          >
            {tn("result.events", total)}
          </a>
        )}
      </header>
      {total === 0 ? (
        <p class="panel-body calm">
          <span aria-hidden="true">✓ </span>
          {t("home.threats.none")}
        </p>
      ) : (
        <ul class="card-list">
          {indicators.map(({ v, n }) => {
            const value = String(v);
            const type = /^[\d.]+$|:/.test(value) ? "ip" : "domain";
            return (
              <li key={value} data-tone="bad">
                <span class="fact-shape" aria-hidden="true">
                  ⚠
                </span>
                <a class="value-link mono" href={entityPath({ type, value })}>
                  <Short text={value} limit={60} />
                </a>
                <span class="hint">{tn("result.events", n)}</span>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

function Saved() {
  const { data, reload } = useAnswer("saved", getSavedSearches);
  const remove = async (id: string) => {
    try {
      await deleteSavedSearch(id);
      showNote(t("saved.deleted"));
    } catch {
      showNote(t("saved.failed"));
    }
    reload();
  };
  return (
    <section class="panel" data-test="saved">
      <header class="panel-head">
        <h2>{t("saved.label")}</h2>
      </header>
      {data?.length === 0 && <p class="panel-body hint">{t("home.saved.none")}</p>}
      <ul class="card-list">
        {data?.map(({ id, name, url }) => (
          <li key={id}>
            <a class="value-link" href={url}>
              <Short text={name} limit={120} />
            </a>
            <IconButton icon="trash" label={t("saved.delete", { name })} size={14} onClick={() => void remove(id)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Newcomers({ home }: { home: Home }) {
  const now = Date.parse(home.now);
  const range = { from: iso(now - 24 * HOUR), to: iso(now) };
  return (
    <section class="panel" data-test="newcomers">
      <header class="panel-head">
        <h2>{t("home.new")}</h2>
        <span class="hint">
          {home.newcomers.length > 0
            ? t("home.new.baseline", { n: formatNumber(home.baseline_days) })
            : t("home.new.short", { n: formatNumber(home.baseline_days) })}
        </span>
      </header>
      {home.newcomers.length > 0 && (
        <div class="newcomers">
          {home.newcomers.map(({ kind, total, items }) => (
            <section key={kind}>
              <h3>
                {tCode("home.new.kind", kind, "home.new.kind.other")} <b>{formatNumber(total)}</b>
              </h3>
              {total === 0 && <p class="hint">{t("home.new.none")}</p>}
              <ul>
                {items.map(({ value, count, first_seen, log_types }) => (
                  <li key={value} title={log_types.join(", ")}>
                    <ValueLink field={FIELDS[kind] ?? kind} value={value} type={kind} range={range} limit={80} />
                    <span class="hint">
                      {first_seen && ago(Date.parse(first_seen), now)} · {formatNumber(count)}
                    </span>
                  </li>
                ))}
              </ul>
              {total > items.length && (
                <p class="hint">{t("home.new.more", { n: formatNumber(total - items.length) })}</p>
              )}
            </section>
          ))}
        </div>
      )}
    </section>
  );
}

function Volume({ home }: { home: Home }) {
  const rows = [...home.volume].sort((a, b) => b.total - a.total || b.before_total - a.before_total);
  return (
    <section class="panel" data-test="volume">
      <header class="panel-head">
        <h2>{t("home.volume")}</h2>
        <span class="hint lanes-help">
          <i class="ghost-key" aria-hidden="true" /> {t("home.volume.ghost")}
        </span>
      </header>
      {rows.length === 0 && (
        <p class="panel-body hint">
          {t("home.volume.none")}{" "}
          <a href={`/search${writeState({ ...readState(""), from: "all", to: "now" })}`}>{t("home.volume.all")}</a>
        </p>
      )}
      <ul class="volumes">
        {rows.map((row) => (
          <li key={row.log_type}>
            <a
              class="lane-name"
              href={`/search${writeState({ ...readState(""), ix: row.log_type, ...DAY })}`}
              data-test="volume-link"
            >
              <i class={`dot ${typeFill(row.log_type)}`} aria-hidden="true" />
              <Short text={row.log_type} limit={40} />
            </a>
            <span class="lane-total">
              {formatNumber(row.total)} <Change now={row.total} before={row.before_total} />
            </span>
            <Spark
              bars={row.bars}
              before={row.before}
              fill={typeFill(row.log_type)}
              label={t("home.volume.summary", {
                type: row.log_type,
                n: formatNumber(row.total),
                before: formatNumber(row.before_total),
              })}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
