// The filters as pills: flip between only and not, remove, add one by hand.
import { useEffect, useState } from "preact/hooks";
import type { Bucket } from "../api/types";
import { formatNumber, t } from "../i18n";
import type { Filter } from "../lib/url-state";
import { loadFields } from "../state/fields";
import { addPill, columns, setView, topValues, view } from "../state/search";
import { Icon } from "./icons";
import { Popover } from "./Popover";
import { Short } from "./Text";

/** A filter in words, for labels. */
export function filterText({ field, value, negated }: Filter): string {
  return `${negated ? `${t("filter.not")} ` : ""}${field}: ${value ?? t("filter.exists")}`;
}

export function FilterBar() {
  const { filters } = view.value;
  const without = (at: number) => filters.filter((_, other) => other !== at);
  const flip = (at: number) =>
    setView({
      filters: filters.map((filter, other) => (other === at ? { ...filter, negated: !filter.negated } : filter)),
    });
  return (
    <div class="filters">
      <ul class="pills" aria-label={t("filter.list")}>
        {filters.map((filter, at) => (
          <li key={`${at} ${filter.field}`} class="pill" data-negated={filter.negated === true}>
            <button
              type="button"
              class="pill-text"
              title={t("filter.flip", { name: filterText(filter) })}
              onClick={() => flip(at)}
            >
              {filter.negated && <b>{t("filter.not")} </b>}
              <span class="pill-field">{filter.field}</span>
              <span class="mono">
                {filter.value === undefined ? t("filter.exists") : <Short text={filter.value} limit={48} />}
              </span>
            </button>
            <button
              type="button"
              class="pill-close"
              aria-label={t("filter.remove", { name: filterText(filter) })}
              onClick={() => setView({ filters: without(at) })}
            >
              <Icon name="close" size={12} />
            </button>
          </li>
        ))}
      </ul>
      <Popover
        class="chip-button add-filter"
        label={t("filter.save")}
        button={
          <>
            <Icon name="plus" size={12} /> {t("filter.add")}
          </>
        }
      >
        {(close) => <FilterForm close={close} />}
      </Popover>
      {filters.length > 1 && (
        <button type="button" class="link-button" onClick={() => setView({ filters: [] })}>
          {t("filter.clear")}
        </button>
      )}
    </div>
  );
}

const OPERATORS = ["is", "isNot", "exists", "missing"] as const;
type Operator = (typeof OPERATORS)[number];

function FilterForm({ close }: { close: () => void }) {
  const [field, setField] = useState("");
  const [operator, setOperator] = useState<Operator>("is");
  const [value, setValue] = useState("");
  const takesValue = operator === "is" || operator === "isNot";
  const values = useTopValues(takesValue ? field.trim() : "").filter((bucket) =>
    valueText(bucket).toLowerCase().includes(value.trim().toLowerCase()),
  );
  const names = useFieldNames(field !== "");
  const add = (chosen: string) => {
    const filter: Filter = { field: field.trim() };
    if (takesValue) filter.value = chosen;
    if (operator === "isNot" || operator === "missing") filter.negated = true;
    if (!filter.field) return;
    addPill(filter);
    setField("");
    setValue("");
    close();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    add(value);
  };
  return (
    <form class="filter-form" onSubmit={submit}>
      <label>
        <span class="field-label">{t("filter.field")}</span>
        <input
          class="input mono"
          list="filter-fields"
          required
          value={field}
          onInput={(event) => setField(event.currentTarget.value)}
        />
      </label>
      <datalist id="filter-fields">
        {(names ?? columns.value.map((column) => column.field)).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <select
        class="input"
        aria-label={t("filter.add")}
        value={operator}
        onChange={(event) => setOperator(event.currentTarget.value as Operator)}
      >
        {OPERATORS.map((name) => (
          <option key={name} value={name}>
            {t(`filter.op.${name}`)}
          </option>
        ))}
      </select>
      {takesValue && (
        <label>
          <span class="field-label">{t("filter.value")}</span>
          <input class="input mono" required value={value} onInput={(event) => setValue(event.currentTarget.value)} />
        </label>
      )}
      {values.length > 0 && (
        <ul class="top-values" aria-label={t("filter.top")} data-test="top-values">
          {values.map((bucket) => {
            const text = valueText(bucket);
            return (
              <li key={text}>
                <button type="button" class="top-value" onClick={() => add(text)}>
                  <span class="mono">
                    <Short text={text} limit={80} />
                  </span>
                  <span class="legend-count">{formatNumber(bucket.doc_count)}</span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
      <button type="submit" class="button primary">
        {t("filter.save")}
      </button>
    </form>
  );
}

const valueText = (bucket: Bucket) => bucket.key_as_string ?? String(bucket.key);

const PAUSE_MS = 150;

/** The commonest values of a field in what is shown, once its name has stopped changing. */
function useTopValues(field: string): Bucket[] {
  const [values, setValues] = useState<Bucket[]>([]);
  useEffect(() => {
    setValues([]);
    if (!field) return;
    const mine = new AbortController();
    const timer = setTimeout(() => {
      // A field that cannot be counted, or does not exist, has no list: its value can still be typed.
      topValues(field, mine.signal).then(
        (found) => mine.signal.aborted || setValues(found),
        () => {},
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      mine.abort();
    };
  }, [field]);
  return values;
}

/** The names of all fields, fetched once they are needed. */
function useFieldNames(needed: boolean): string[] | null {
  const [names, setNames] = useState<string[] | null>(null);
  const { ix } = view.value;
  useEffect(() => setNames(null), [ix]);
  useEffect(() => {
    if (needed && !names)
      loadFields().then(
        (found) => setNames(found.map(({ name }) => name)),
        () => {},
      );
  }, [needed, ix]);
  return names;
}
