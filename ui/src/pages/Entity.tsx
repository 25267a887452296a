// Everything about one entity: why to look at it, where it is, what it was seen with, what it did.
import { useEffect } from "preact/hooks";
import { getEntity, shorten } from "../api/client";
import type { Entity, QueryDsl } from "../api/types";
import { AnswerPage, SkeletonPanels } from "../components/AnswerPage";
import { Facts } from "../components/entity/Facts";
import { Lanes } from "../components/entity/Lanes";
import { Latest } from "../components/entity/Latest";
import { SeenWith } from "../components/entity/SeenWith";
import { Where } from "../components/entity/Where";
import { WindowPicker } from "../components/entity/WindowPicker";
import { Icon } from "../components/icons";
import { Short } from "../components/Text";
import { useAnswer } from "../components/useAnswer";
import { usePageKeys } from "../components/usePageKeys";
import { t, tCode, tn } from "../i18n";
import { ago } from "../lib/ago";
import { entitySearch, isEntityType, isInternal } from "../lib/entities";
import { TIME_FIELD } from "../lib/query";
import { HOUR, iso, resolveTime, shiftRange, zoomOut, type TimeRange } from "../lib/time";
import { navigate, place } from "../router";
import { announce, copyText, showNote } from "../state/live";
import "../styles/panels.css";
import "../styles/entity.css";

const DEFAULT: TimeRange = { from: "now-24h", to: "now" };

/** The window in the address, or the usual one. */
function readRange(search: string): TimeRange {
  const params = new URLSearchParams(search);
  const range = { from: params.get("from") ?? DEFAULT.from, to: params.get("to") ?? DEFAULT.to };
  const now = Date.now();
  const [from, to] = [resolveTime(range.from, now), resolveTime(range.to, now)];
  return from !== null && to !== null && from < to ? range : DEFAULT;
}

function writeRange(range: TimeRange): string {
  if (range.from === DEFAULT.from && range.to === DEFAULT.to) return "";
  return `?${new URLSearchParams({ from: range.from, to: range.to })}`;
}

export function EntityPage({ type, value }: { type: string; value: string }) {
  const range = readRange(place.value.search);
  const answer = useAnswer(`${range.from} ${range.to}`, async (signal) => {
    const now = Date.now();
    const from = resolveTime(range.from, now) ?? now - 24 * HOUR;
    const to = resolveTime(range.to, now) ?? now;
    const entity = await getEntity(type, value, from, to, signal);
    return { entity, from, to, now };
  });
  const { data } = answer;
  useEffect(() => {
    if (data) announce(`${value}: ${tn("result.events", data.entity.in_window)}`);
  }, [data]);

  const setRange = (next: TimeRange) => navigate(place.peek().path + writeRange(next));
  const bounds = data ? { from: data.from, to: data.to } : null;
  const searchAll = data ? entitySearch(data.entity.fields, value, range) : null;
  usePageKeys({
    "[": () => bounds && setRange(shiftRange(bounds.from, bounds.to, -1)),
    "]": () => bounds && setRange(shiftRange(bounds.from, bounds.to, 1)),
    z: () => bounds && setRange(zoomOut(bounds.from, bounds.to)),
    s: () => searchAll && navigate(searchAll),
    u: () => history.back(),
  });
  const kind = isEntityType(type) ? t(`entity.type.${type}`) : type;
  return (
    <AnswerPage
      answer={answer}
      name="entity"
      bar={<WindowPicker range={range} onChange={setRange} />}
      waiting={<SkeletonPanels class="entity-top" lines={3} />}
      head={
        <header class="entity-head">
          <p class="entity-kind">
            {kind}
            {type === "ip" && ` · ${t(isInternal(value) ? "entity.internal" : "entity.external")}`}
          </p>
          <h1 class="mono" data-test="entity-value">
            <Short text={value} limit={300} />
          </h1>
          <div class="entity-actions">
            {searchAll && (
              <a class="button primary" href={searchAll} title={`${t("entity.search")} (s)`} data-test="search-all">
                <Icon name="search" /> {t("entity.search")}
              </a>
            )}
            <button type="button" class="button" onClick={() => void copyText(value)}>
              <Icon name="copy" /> {t("value.copy")}
            </button>
            <button type="button" class="button" onClick={() => void copyLink()} data-test="short-link">
              <Icon name="link" /> {t("links.copy")}
            </button>
          </div>
        </header>
      }
    >
      {(found) => (
        <div data-stale={answer.loading} class="entity-content">
          <Content type={type} {...found} range={range} onRange={setRange} />
        </div>
      )}
    </AnswerPage>
  );
}

async function copyLink(): Promise<void> {
  try {
    const path = await shorten(location.pathname + location.search);
    await copyText(location.origin + path, t("links.copied"));
  } catch {
    showNote(t("links.failed"));
  }
}

interface ContentProps {
  type: string;
  entity: Entity;
  from: number;
  to: number;
  now: number;
  range: TimeRange;
  onRange: (range: TimeRange) => void;
}

function Content({ type, entity, from, to, now, range, onRange }: ContentProps) {
  const query = writeRange(range);
  const condition: QueryDsl = {
    bool: {
      filter: [
        { range: { [TIME_FIELD]: { gte: from, lt: to, format: "epoch_millis" } } },
        {
          bool: {
            should: entity.fields.map((field) => ({ term: { [field]: entity.value } })),
            minimum_should_match: 1,
          },
        },
      ],
    },
  };
  if (entity.total === 0) return <Unknown type={type} entity={entity} />;
  return (
    <>
      <div class="entity-top" data-columns={type === "ip" ? "3" : "2"}>
        <section class="panel">
          <header class="panel-head">
            <h2>{t("entity.why")}</h2>
          </header>
          <Facts entity={entity} now={now} />
        </section>
        {type === "ip" && (
          <section class="panel">
            <header class="panel-head">
              <h2>{t("entity.where")}</h2>
            </header>
            <Where entity={entity} search={query} />
          </section>
        )}
        <section class="panel seen-panel" data-test="seen-with">
          <header class="panel-head">
            <h2>{t("entity.seen")}</h2>
          </header>
          <SeenWith seen={entity.seen_with} range={{ from: iso(from), to: iso(to) }} search={query} />
        </section>
      </div>
      {entity.in_window === 0 && <Quiet entity={entity} from={from} to={to} now={now} onRange={onRange} />}
      {entity.lanes.length > 0 && <Lanes entity={entity} from={from} to={to} />}
      {entity.in_window > 0 && (
        <Latest
          condition={condition}
          conditionKey={`${from} ${to}`}
          total={entity.in_window}
          range={{ from: iso(from), to: iso(to) }}
          own={entity.value}
          query={query}
        />
      )}
    </>
  );
}

/** Nothing happened in the window; the way to the last time something did. */
function Quiet({ entity, from, to, now, onRange }: Omit<ContentProps, "type" | "range">) {
  const last = entity.last_seen ? Date.parse(entity.last_seen) : null;
  const half = (to - from) / 2;
  return (
    <p class="banner warn entity-quiet" role="status" data-test="quiet">
      <span class="shape" aria-hidden="true">
        △
      </span>
      {t("entity.quiet")}
      {last !== null && (
        <button
          type="button"
          class="chip-button"
          onClick={() => onRange({ from: iso(Math.round(last - half)), to: iso(Math.round(last + half)) })}
        >
          {t("entity.quiet.show", { ago: ago(last, now) })}
        </button>
      )}
    </p>
  );
}

function Unknown({ type, entity }: { type: string; entity: Entity }) {
  return (
    <div class="empty" role="status" data-test="empty">
      <h2>{t("entity.unknown")}</h2>
      <p>
        {entity.fields.length > 0
          ? t("entity.unknown.fields", { fields: entity.fields.join(", ") })
          : t("entity.unknown.noFields", { type: tCode("entity.type", type, "entity.type.ip") })}
      </p>
      {entity.threats.length > 0 && <Facts entity={entity} now={Date.now()} />}
    </div>
  );
}
