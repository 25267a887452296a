// The content of one event, in the side panel and on its own page: fields by group, the raw line, or what was around.
import { Fragment } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Hit } from "../api/types";
import { formatNumber, t } from "../i18n";
import { flatten, grouped, valuesAt, type FlatField, type GroupId } from "../lib/document";
import { THREAT_FIELD } from "../lib/query";
import type { DetailTab } from "../lib/url-state";
import { addPill, toggleColumn } from "../state/search";
import { letterKeys } from "../state/settings";
import { focusDetailFilter } from "../state/keys";
import { valueAttributes, valueFrom } from "../state/focus";
import { copyText } from "../state/live";
import { Around } from "./Around";
import { RawView } from "./RawView";
import { Long, Short } from "./Text";

const TABS: { name: DetailTab; key: string }[] = [
  { name: "fields", key: "" },
  { name: "raw", key: "r" },
  { name: "around", key: "s" },
];
const SHOWN_VALUES = 12;
const SHOWN_FIELDS = 100;

interface Props {
  hit: Hit;
  tab: DetailTab;
  onTab: (tab: DetailTab) => void;
}

export function EventView({ hit, tab, onTab }: Props) {
  const source = hit._source ?? {};
  const move = (event: KeyboardEvent) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const step = event.key === "ArrowRight" ? 1 : TABS.length - 1;
    const next = TABS[(TABS.findIndex(({ name }) => name === tab) + step) % TABS.length];
    if (!next) return;
    event.stopPropagation();
    onTab(next.name);
    (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`#tab-${next.name}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" onKeyDown={move}>
        {TABS.map(({ name, key }) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-controls="event-panel"
            aria-selected={tab === name}
            tabIndex={tab === name ? 0 : -1}
            onClick={() => onTab(name)}
          >
            {t(`detail.${name}`)}
            {key && <kbd>{key}</kbd>}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id="event-panel" aria-labelledby={`tab-${tab}`}>
        {tab === "raw" && <RawView source={source} />}
        {tab === "around" && <Around hit={hit} />}
        {tab === "fields" && <Fields source={source} />}
      </div>
    </>
  );
}

function Fields({ source }: { source: Record<string, unknown> }) {
  const input = useRef<HTMLInputElement>(null);
  const [wanted, setWanted] = useState("");
  const { fields, omitted } = useMemo(() => flatten(source), [source]);
  const needle = wanted.trim().toLowerCase();
  const groups = useMemo(() => {
    const matching = needle
      ? fields.filter(
          ({ name, values }) =>
            name.toLowerCase().includes(needle) ||
            values.some((value) => value.slice(0, 5000).toLowerCase().includes(needle)),
        )
      : fields;
    return grouped(matching);
  }, [fields, needle]);
  useEffect(() => {
    focusDetailFilter.run = () => input.current?.select();
    return () => void (focusDetailFilter.run = () => {});
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    const found = valueFrom(event.target);
    if (!found || event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return;
    const { field, value } = found;
    const actions: Record<string, () => void> = {
      "+": () => addPill({ field, value }),
      "-": () => addPill({ field, value, negated: true }),
      a: () => toggleColumn(field),
      y: () => void copyText(value),
    };
    const action = actions[event.key];
    if (!action) return;
    if (!letterKeys.peek()) return;
    event.preventDefault();
    action();
  };
  return (
    <div class="fields" onKeyDown={onKeyDown}>
      <input
        ref={input}
        class="input"
        type="search"
        aria-label={t("detail.filter")}
        placeholder={`${t("detail.filter")}  (f)`}
        value={wanted}
        onInput={(event) => setWanted(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          setWanted("");
          event.currentTarget.blur();
        }}
      />
      <Threat source={source} />
      {groups.map(([group, members]) => (
        <Group key={group} group={group} members={members} />
      ))}
      {groups.length === 0 && <p class="hint">{t("detail.noField")}</p>}
      {omitted > 0 && <p class="hint">{t("detail.omitted", { n: formatNumber(omitted) })}</p>}
    </div>
  );
}

/** Why one should look: what threat lists say of values in this event. */
function Threat({ source }: { source: Record<string, unknown> }) {
  const indicators = valuesAt(source, THREAT_FIELD);
  if (indicators.length === 0) return null;
  // Many lists have no other name for a value than the value.
  const facts = ["names", "types", "providers"]
    .flatMap((kind) => valuesAt(source, `threat.matched.${kind}`))
    .filter((fact) => !indicators.includes(fact));
  return (
    <p class="why" data-test="why">
      <span class="threat-sign" aria-hidden="true">
        ⚠
      </span>
      <span>
        <b>{t("entity.threat")}</b>{" "}
        <span class="mono">
          <Short text={indicators.join(" ")} limit={120} />
        </span>
        {facts.length > 0 && (
          <>
            {" · "}
            <Short text={[...new Set(facts)].join(" · ")} limit={200} />
          </>
        )}
      </span>
    </p>
  );
}

function Group({ group, members }: { group: GroupId; members: FlatField[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? members : members.slice(0, SHOWN_FIELDS);
  return (
    <section class="group">
      <h3>{t(`group.${group}`)}</h3>
      <dl>
        {shown.map((field) => (
          <FieldRow key={field.name} field={field} />
        ))}
      </dl>
      {members.length > shown.length && (
        <button type="button" class="link-button" onClick={() => setAll(true)}>
          {t("detail.moreFields", { n: formatNumber(members.length - shown.length) })}
        </button>
      )}
    </section>
  );
}

/** A dotted name that breaks after its dots. */
function FieldName({ name }: { name: string }) {
  const parts = name.slice(0, 300).split(".");
  return (
    <>
      {parts.map((part, at) => (
        <Fragment key={at}>
          <Short text={part} />
          {at < parts.length - 1 && (
            <>
              .<wbr />
            </>
          )}
        </Fragment>
      ))}
    </>
  );
}

function FieldRow({ field: { name, values } }: { field: FlatField }) {
  const [all, setAll] = useState(false);
  const shown = all ? values : values.slice(0, SHOWN_VALUES);
  return (
    <div class="field-row">
      <dt title={name}>
        <FieldName name={name} />
      </dt>
      <dd>
        {shown.map((value, at) => (
          <span key={at} class="field-value mono" tabIndex={0} {...valueAttributes(name, value)}>
            <Long text={value} limit={300} />
          </span>
        ))}
        {values.length > shown.length && (
          <button type="button" class="link-button" onClick={() => setAll(true)}>
            {t("value.moreValues", { n: values.length - shown.length })}
          </button>
        )}
      </dd>
    </div>
  );
}
