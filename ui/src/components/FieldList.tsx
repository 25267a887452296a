// The list of fields beside the table: what each holds over all matches, with a click to filter.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { FieldInfo } from "../api/types";
import { formatNumber, t } from "../i18n";
import { columns, setView, toggleColumn, view } from "../state/search";
import { fields, firstStats, isUnfolded, reveal, showField, toggleFieldList, toggleFolded } from "../state/fields";
import { fieldFilterWanted, focusFieldFilter, showFieldFilter } from "../state/keys";
import { FieldValues } from "./FieldValues";
import { IconButton } from "./IconButton";
import { Icon } from "./icons";
import { memo } from "./memo";
import { SkeletonRows } from "./Skeleton";
import { Short } from "./Text";

/** Names drawn at a time; the filter finds the others. */
const SHOWN = 150;

/** The letter a field's type is known by. */
const SIGNS: Record<string, string> = {
  ip: "ip",
  long: "#",
  double: "#",
  date: "◷",
  boolean: "±",
  text: "¶",
  geo_point: "⌖",
};

export function FieldList() {
  const input = useRef<HTMLInputElement>(null);
  const [wanted, setWanted] = useState("");
  const needle = wanted.trim().toLowerCase();
  const all = fields.value;
  const types = useMemo(() => new Map((all ?? []).map((field) => [field.name, field])), [all]);
  const matches = (name: string) => name.toLowerCase().includes(needle);
  const columnNames = columns.value.map(({ field }) => field);
  const inTable = columnNames.filter(matches);
  // What the reader unfolded stands first: the list of all fields can be very long.
  const chosen = view.value.unfolded.filter((name) => !columnNames.includes(name) && matches(name));
  const others = useMemo(() => sorted(all ?? [], needle), [all, needle]).filter(
    ({ name }) => !columnNames.includes(name) && !chosen.includes(name),
  );
  const row = (name: string, shown: boolean) => (
    <Field
      key={name}
      name={name}
      info={types.get(name)}
      shown={shown}
      open={isUnfolded(name)}
      counting={view.value.by.includes(name)}
    />
  );
  const first = [...inTable, ...chosen][0] ?? others[0]?.name;

  useEffect(() => {
    focusFieldFilter.run = () => input.current?.select();
    if (fieldFilterWanted.now) input.current?.focus();
    fieldFilterWanted.now = false;
    return () => void (focusFieldFilter.run = showFieldFilter);
  }, []);
  useEffect(() => {
    const field = reveal.value?.field;
    if (!field) return;
    setWanted("");
    requestAnimationFrame(() => document.getElementById(idOf(field))?.scrollIntoView({ block: "nearest" }));
  }, [reveal.value]);

  return (
    <aside class="field-list" aria-label={t("fields.label")} data-test="field-list">
      <div class="field-list-head">
        <input
          ref={input}
          class="input"
          type="search"
          aria-label={t("fields.filter")}
          placeholder={`${t("fields.filter")}  (f)`}
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") {
              event.stopPropagation();
              setWanted("");
              event.currentTarget.blur();
            }
            if (event.key === "Enter" && !event.isComposing && first) {
              showField(first);
              setWanted("");
              event.currentTarget.blur();
            }
          }}
        />
        <IconButton icon="left" label={t("fields.close")} onClick={toggleFieldList} />
      </div>
      {firstStats.value ? (
        <div class="field-list-body">
          {chosen.length > 0 && <h3>{t("fields.chosen")}</h3>}
          {chosen.map((name) => row(name, false))}
          {inTable.length > 0 && <h3>{t("fields.inTable")}</h3>}
          {inTable.map((name) => row(name, true))}
          <h3>{t("fields.all", { n: formatNumber(all?.length ?? 0) })}</h3>
          {others.slice(0, SHOWN).map(({ name }) => row(name, false))}
          {others.length > SHOWN && <p class="hint">{t("fields.more", { n: formatNumber(others.length - SHOWN) })}</p>}
          {all !== null && inTable.length + chosen.length + others.length === 0 && (
            <p class="hint">{t("detail.noField")}</p>
          )}
        </div>
      ) : (
        <SkeletonRows count={16} />
      )}
    </aside>
  );
}

const idOf = (field: string) => `field-${field}`;

/** Those that begin with the text first, then those that hold it. */
function sorted(all: FieldInfo[], needle: string): FieldInfo[] {
  if (!needle) return all.filter(({ name }) => !name.startsWith("@"));
  const rank = (name: string) => (name.toLowerCase().startsWith(needle) ? 0 : 1);
  return all
    .filter(({ name }) => name.toLowerCase().includes(needle))
    .sort((a, b) => rank(a.name) - rank(b.name) || a.name.length - b.name.length);
}

interface FieldProps {
  name: string;
  info: FieldInfo | undefined;
  /** It is a column of the table. */
  shown: boolean;
  open: boolean;
  /** The table counts by it. */
  counting: boolean;
}

/** There are many, and another query changes none of them. */
const Field = memo(function Field({ name, info, shown, open, counting }: FieldProps) {
  const type = info?.type ?? "";
  return (
    <section class="field" id={idOf(name)} data-open={open}>
      <div class="field-head">
        <button
          type="button"
          class="field-name"
          aria-expanded={open}
          title={`${name}${type && ` · ${type}`}`}
          onClick={() => toggleFolded(name)}
        >
          <Icon name={open ? "down" : "right"} size={12} />
          <span class="field-sign" aria-hidden="true">
            {SIGNS[type] ?? "a"}
          </span>
          <span class="field-text">
            <Short text={name} limit={80} />
          </span>
        </button>
        <IconButton
          icon="count"
          label={t("fields.count", { name })}
          class="icon-button small"
          size={14}
          pressed={counting}
          onClick={() => countBy(name)}
        />
        <IconButton
          icon="column"
          label={t(shown ? "table.remove" : "fields.column", { name })}
          class="icon-button small"
          size={14}
          pressed={shown}
          onClick={() => toggleColumn(name)}
        />
      </div>
      {open && <FieldValues name={name} type={type} counted={info?.counted !== false} />}
    </section>
  );
});

/** Adds the field to those the table counts by, or takes it away; the table is shown. */
function countBy(name: string): void {
  const { by } = view.peek();
  const next = by.includes(name) ? by.filter((other) => other !== name) : [...by, name].slice(-3);
  setView({ by: next, kind: next.length > 0 ? "table" : "list" });
}
