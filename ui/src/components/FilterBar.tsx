// The filters as pills: flip between only and not, remove, add one by hand.
import { useState } from "preact/hooks";
import { t } from "../i18n";
import type { Filter } from "../lib/url-state";
import { addPill, columns, setView, view } from "../state/search";
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
  const submit = (event: Event) => {
    event.preventDefault();
    const filter: Filter = { field: field.trim() };
    if (takesValue) filter.value = value;
    if (operator === "isNot" || operator === "missing") filter.negated = true;
    if (!filter.field) return;
    addPill(filter);
    setField("");
    setValue("");
    close();
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
        {columns.value.map((column) => (
          <option key={column.field} value={column.field} />
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
      <button type="submit" class="button primary">
        {t("filter.save")}
      </button>
    </form>
  );
}
