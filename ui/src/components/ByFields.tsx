// The fields the table counts by, or the one the timeline has lanes for: chosen from the names of all fields.
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { fields, loadFields } from "../state/fields";
import { setView } from "../state/search";
import { Icon } from "./icons";

export function ByFields({ by, most }: { by: string[]; most: number }) {
  const [typed, setTyped] = useState("");
  useEffect(() => void loadFields().catch(() => {}), []);
  const names = (fields.value ?? []).filter(({ counted }) => counted).map(({ name }) => name);
  const add = (name: string) => {
    if (!name.trim()) return;
    const next =
      most === 1 ? [name.trim()] : [...by.filter((other) => other !== name.trim()), name.trim()].slice(-most);
    setView({ by: next });
    setTyped("");
  };
  return (
    <form
      class="by-fields"
      onSubmit={(event) => {
        event.preventDefault();
        add(typed);
      }}
    >
      <span class="field-label">{t(most === 1 ? "timeline.by" : "groups.by")}</span>
      {by.map((name) => (
        <span key={name} class="pill">
          <span class="pill-text mono">{name}</span>
          {by.length > 1 && (
            <button
              type="button"
              class="pill-close"
              aria-label={t("groups.remove", { name })}
              onClick={() => setView({ by: by.filter((other) => other !== name) })}
            >
              <Icon name="close" size={12} />
            </button>
          )}
        </span>
      ))}
      <input
        class="input mono by-input"
        list="by-names"
        aria-label={t(most === 1 ? "timeline.by" : "groups.by")}
        placeholder={t(most === 1 ? "timeline.other" : "groups.add")}
        value={typed}
        onInput={(event) => {
          const { value } = event.currentTarget;
          // A name chosen from the list is taken at once.
          if (names.includes(value) && (event as InputEvent).inputType !== "insertText") add(value);
          else setTyped(value);
        }}
      />
      <datalist id="by-names">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </form>
  );
}
