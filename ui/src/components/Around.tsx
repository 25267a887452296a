// What happened shortly before and after an event in the same account, on the same host, by the same user or address.
import { useEffect, useState } from "preact/hooks";
import { multiSearch } from "../api/client";
import type { Hit } from "../api/types";
import { formatNumber, t, tn } from "../i18n";
import {
  aroundBodies,
  aroundState,
  MAX_AROUND,
  SHARED_KINDS,
  sharedOf,
  SPANS,
  usualShared,
  type SharedKind,
} from "../lib/around";
import { cellValues } from "../lib/cells";
import { titleOf, valueAt } from "../lib/document";
import { TYPE_FIELD } from "../lib/query";
import { formatTime, MINUTE } from "../lib/time";
import { writeState } from "../lib/url-state";
import { hitTime, setView, view } from "../state/search";
import { typeFill } from "../state/session";
import { zone } from "../state/settings";
import { Short } from "./Text";

interface Side {
  hits: Hit[];
  total: number;
}
type Found = { before: Side; after: Side } | "failed" | null;

export function Around({ hit }: { hit: Hit }) {
  const source = hit._source ?? {};
  const at = Date.parse(valueAt(source, "@timestamp") ?? "");
  const shared = sharedOf(source);
  const [minutes, setMinutes] = useState(5);
  const [chosen, setChosen] = useState<SharedKind[]>(usualShared(shared));
  const [found, setFound] = useState<Found>(null);
  const id = `${hit._index}/${hit._id}`;
  useEffect(() => setChosen(usualShared(shared)), [id]);
  const filters = chosen.map((kind) => shared[kind]).filter((filter) => filter !== undefined);
  const key = JSON.stringify([id, minutes, filters]);

  useEffect(() => {
    const mine = new AbortController();
    if (!Number.isFinite(at)) return;
    multiSearch("*", aroundBodies(at, minutes * MINUTE, filters, hit._id), mine.signal).then(
      ([before, after]) => {
        if (mine.signal.aborted) return;
        setFound(before && after ? { before: sideOf(before), after: sideOf(after) } : "failed");
      },
      () => mine.signal.aborted || setFound("failed"),
    );
    return () => mine.abort();
  }, [key]);

  const flip = (kind: SharedKind) =>
    setChosen(chosen.includes(kind) ? chosen.filter((other) => other !== kind) : [...chosen, kind]);
  return (
    <div class="around" data-test="around">
      <div class="around-bar">
        <span class="segmented" role="group" aria-label={t("search.around.span")}>
          {SPANS.map((span) => (
            <button key={span} type="button" aria-pressed={span === minutes} onClick={() => setMinutes(span)}>
              ±{tn("search.around.minutes", span)}
            </button>
          ))}
        </span>
        {SHARED_KINDS.map((kind) => {
          const filter = shared[kind];
          return (
            filter && (
              <button
                key={kind}
                type="button"
                class="chip-button"
                aria-pressed={chosen.includes(kind)}
                title={`${filter.field}: ${filter.value}`}
                onClick={() => flip(kind)}
              >
                {t(`search.around.${kind}`)}
              </button>
            )
          );
        })}
        <button
          type="button"
          class="link-button"
          onClick={() => setView({ ...aroundState(at, minutes * MINUTE, filters), doc: null, tab: "fields" })}
        >
          {t("search.around.open")}
        </button>
      </div>
      {found === null && <p class="hint">{t("list.loading")}</p>}
      {found === "failed" && <p class="bad">{t("search.around.failed")}</p>}
      {found !== null && found !== "failed" && (
        <>
          <p class="around-count" data-test="around-count">
            {tn("search.around.found", found.before.total + found.after.total)}
          </p>
          <ol class="around-list">
            <More side={found.before} />
            {found.before.hits.toReversed().map((other) => (
              <Neighbour key={`${other._index}/${other._id}`} hit={other} anchor={at} />
            ))}
            <li class="around-this" aria-current="true">
              <time class="mono">{formatTime(at, zone.value).slice(11)}</time>
              <b>
                <Short text={titleOf(source) ?? t("detail.label")} limit={60} />
              </b>
              <span class="hint">{t("search.around.this")}</span>
            </li>
            {found.after.hits.map((other) => (
              <Neighbour key={`${other._index}/${other._id}`} hit={other} anchor={at} />
            ))}
            <More side={found.after} />
          </ol>
        </>
      )}
    </div>
  );
}

const sideOf = (answer: { hits: { hits: Hit[]; total?: { value: number } | null } }): Side => ({
  hits: answer.hits.hits,
  total: answer.hits.total?.value ?? answer.hits.hits.length,
});

function More({ side }: { side: Side }) {
  const left = side.total - side.hits.length;
  return left > 0 && side.hits.length >= MAX_AROUND ? (
    <li class="hint">{t("search.around.more", { n: formatNumber(left) })}</li>
  ) : null;
}

/** The same view with this event open. */
const panelPath = (hit: Hit) =>
  `/search${writeState({ ...view.value, doc: { index: hit._index, id: hit._id }, tab: "around" })}`;

function Neighbour({ hit, anchor }: { hit: Hit; anchor: number }) {
  const at = hitTime(hit);
  const type = cellValues(hit, TYPE_FIELD)[0] ?? "";
  const read = (field: string) => cellValues(hit, field)[0];
  const what = read("event.action") ?? read("rule.name") ?? type;
  const apart = Math.round((at - anchor) / 100) / 10;
  return (
    <li>
      <a class="around-row" href={panelPath(hit)} title={formatTime(at, zone.value)}>
        <span class="around-apart mono">
          {apart > 0 ? "+" : ""}
          {formatNumber(apart)} s
        </span>
        <i class={`dot ${typeFill(type)}`} title={type} />
        <span class="around-what">
          <Short text={what} limit={48} />
        </span>
        <span class="around-who mono">
          <Short text={[read("user.name"), read("source.ip")].filter(Boolean).join(" · ")} limit={60} />
        </span>
      </a>
    </li>
  );
}
