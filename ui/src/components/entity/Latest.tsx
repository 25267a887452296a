// The latest events of an entity over all log types, newest first; more come on scrolling.
import { useEffect, useRef, useState } from "preact/hooks";
import { search } from "../../api/client";
import type { Hit, QueryDsl } from "../../api/types";
import { formatNumber, t, tn } from "../../i18n";
import { cellValues } from "../../lib/cells";
import { entityTypeOf } from "../../lib/entities";
import { THREAT_FIELD, TIME_FIELD, TYPE_FIELD } from "../../lib/query";
import { formatTime, type TimeRange } from "../../lib/time";
import { docPath, navigate } from "../../router";
import { logTypes, typeFill } from "../../state/session";
import { zone } from "../../state/settings";
import { ValueLink } from "../EntityLink";
import { usePageKeys } from "../usePageKeys";
import { useVirtual } from "../useVirtual";
import { Short } from "../Text";

const PAGE = 100;
const MOST = 5000;
const ROW = 28;
/** Columns with the fields that fill them; the first that an event has is shown. */
const COLUMNS: { name: "what" | "who" | "from" | "to" | "outcome"; fields: string[] }[] = [
  { name: "what", fields: ["event.action", "rule.name", "url.path", "Operation"] },
  { name: "who", fields: ["user.name"] },
  { name: "from", fields: ["source.ip", "client.ip"] },
  { name: "to", fields: ["destination.ip", "url.domain", "Bucket", "cloud.instance.id", "cloud.account.id"] },
  { name: "outcome", fields: ["event.outcome", "http.response.status_code", "error.code"] },
];
const FIELDS = [TIME_FIELD, TYPE_FIELD, THREAT_FIELD, ...COLUMNS.flatMap(({ fields }) => fields)];

interface Props {
  /** The condition that the events fulfil, and a text that changes with it. */
  condition: QueryDsl;
  conditionKey: string;
  total: number;
  range: TimeRange;
  /** The value whose page this is; it is no link to itself. */
  own: string;
  /** The query string to keep on the pages of other entities. */
  query: string;
}

export function Latest({ condition, conditionKey, total, range, own, query }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [hits, setHits] = useState<Hit[]>([]);
  const [state, setState] = useState<"loading" | "ready" | "failed">("loading");
  const [active, setActive] = useState(0);
  const controller = useRef(new AbortController());

  const load = async (after: Hit | undefined) => {
    controller.current.abort();
    const mine = new AbortController();
    controller.current = mine;
    setState("loading");
    try {
      const answer = await search(
        "*",
        {
          size: PAGE,
          track_total_hits: false,
          _source: false,
          fields: FIELDS,
          sort: [{ [TIME_FIELD]: "desc" }, { _id: "desc" }],
          query: condition,
          ...(after?.sort ? { search_after: after.sort } : {}),
        },
        mine.signal,
      );
      if (mine.signal.aborted) return;
      setHits((known) => (after ? [...known, ...answer.hits.hits] : answer.hits.hits));
      setState("ready");
    } catch {
      if (!mine.signal.aborted) setState("failed");
    }
  };
  useEffect(() => {
    setActive(0);
    void load(undefined);
    return () => controller.current.abort();
  }, [conditionKey]);

  const virtual = useVirtual({
    count: hits.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
    scrollPaddingStart: ROW,
  });
  const items = virtual.getVirtualItems();
  const last = items[items.length - 1]?.index ?? 0;
  const wanted = Math.min(total, MOST);
  useEffect(() => {
    if (state === "ready" && hits.length > 0 && hits.length < wanted && last >= hits.length - 20)
      void load(hits[hits.length - 1]);
  }, [last, hits.length, state]);

  const move = (step: number) => {
    const next = Math.max(0, Math.min(hits.length - 1, active + step));
    setActive(next);
    virtual.scrollToIndex(next, { align: "auto" });
  };
  const openActive = () => {
    const hit = hits[active];
    if (hit) navigate(docPath(hit._index, hit._id));
  };
  usePageKeys({ j: () => move(1), k: () => move(-1) });

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW) / ROW) - 2);
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -hits.length,
      End: hits.length,
    };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      move(step);
    } else if (event.key === "Enter" && event.target === scroller.current) {
      event.preventDefault();
      openActive();
    }
  };
  return (
    <section class="panel latest" aria-label={t("entity.latest")}>
      <header class="panel-head">
        <h2>{t("entity.latest")}</h2>
        <span class="hint">{tn("result.events", total)}</span>
      </header>
      <div
        ref={scroller}
        class="latest-grid"
        role="grid"
        tabIndex={0}
        aria-label={t("entity.latest")}
        aria-rowcount={total + 1}
        aria-busy={state === "loading"}
        aria-activedescendant={hits.length > 0 ? `latest-${active}` : undefined}
        data-test="latest"
        onKeyDown={onKeyDown}
      >
        <div class="latest-row latest-head" role="row" aria-rowindex={1}>
          <span role="columnheader">{t("table.time")}</span>
          <span role="columnheader">{t("bar.type")}</span>
          {COLUMNS.map(({ name }) => (
            <span key={name} role="columnheader" class={`col-${name}`}>
              {t(`entity.col.${name}`)}
            </span>
          ))}
        </div>
        <div class="latest-body" role="presentation" style={{ height: `${virtual.getTotalSize()}px` }}>
          {items.map(({ index, start }) => {
            const hit = hits[index];
            return (
              hit && (
                <Row
                  key={`${hit._index}/${hit._id}`}
                  hit={hit}
                  index={index}
                  top={start}
                  active={index === active}
                  range={range}
                  own={own}
                  query={query}
                />
              )
            );
          })}
        </div>
      </div>
      {state === "failed" && (
        <p class="hint panel-body" role="alert">
          {t("entity.latest.failed")}{" "}
          <button type="button" class="link-button" onClick={() => void load(hits[hits.length - 1])}>
            {t("result.retry")}
          </button>
        </p>
      )}
      {hits.length >= MOST && <p class="hint panel-body">{t("entity.latest.most", { n: formatNumber(MOST) })}</p>}
    </section>
  );
}

interface RowProps {
  hit: Hit;
  index: number;
  top: number;
  active: boolean;
  range: TimeRange;
  own: string;
  query: string;
}

function Row({ hit, index, top, active, range, own, query }: RowProps) {
  const at = Date.parse(cellValues(hit, TIME_FIELD)[0] ?? "");
  const type = cellValues(hit, TYPE_FIELD)[0] ?? "";
  const known = logTypes.value;
  return (
    <div
      class="latest-row"
      role="row"
      id={`latest-${index}`}
      aria-rowindex={index + 2}
      aria-selected={active}
      data-threat={hit.fields?.[THREAT_FIELD] !== undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="gridcell">
        <a class="value-link mono" href={docPath(hit._index, hit._id)}>
          {Number.isFinite(at) ? formatTime(at, zone.value) : "–"}
        </a>
      </span>
      <span role="gridcell" class="latest-type">
        <i class={`dot ${typeFill(type)}`} aria-hidden="true" />
        <Short text={type} limit={40} />
      </span>
      {COLUMNS.map(({ name, fields }) => {
        const field = fields.find((candidate) => cellValues(hit, candidate)[0] !== undefined);
        const value = field === undefined ? undefined : cellValues(hit, field)[0];
        return (
          <span key={name} role="gridcell" class={`mono col-${name}`}>
            {field === undefined || value === undefined ? (
              <span class="hint">–</span>
            ) : value === own || name === "outcome" ? (
              <Outcome name={name} value={value} />
            ) : (
              <ValueLink field={field} value={value} type={entityTypeOf(field, known)} range={range} search={query} />
            )}
          </span>
        );
      })}
    </div>
  );
}

function Outcome({ name, value }: { name: string; value: string }) {
  const failed = name === "outcome" && (value === "failure" || /^[45]\d\d$/.test(value));
  return (
    <span class={failed ? "bad" : undefined}>
      {failed && <span aria-hidden="true">✕ </span>}
      <Short text={value} limit={80} />
    </span>
  );
}
