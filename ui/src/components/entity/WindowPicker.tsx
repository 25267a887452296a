// The window of an entity's page: five lengths, or a range that is typed.
import { useState } from "preact/hooks";
import { t } from "../../i18n";
import { parseRange, type TimeRange } from "../../lib/time";
import { zone } from "../../state/settings";
import { Icon } from "../icons";
import { Popover } from "../Popover";
import { rangeText } from "../TimePicker";

const QUICK = ["1h", "24h", "7d", "30d", "90d"];

export function WindowPicker({ range, onChange }: { range: TimeRange; onChange: (next: TimeRange) => void }) {
  return (
    <div class="window-picker">
      <div class="window-quick" role="group" aria-label={t("time.quick")}>
        {QUICK.map((size) => (
          <button
            key={size}
            type="button"
            class="chip-button"
            aria-pressed={range.from === `now-${size}` && range.to === "now"}
            aria-label={rangeText({ from: `now-${size}`, to: "now" })}
            onClick={() => onChange({ from: `now-${size}`, to: "now" })}
          >
            {size}
          </button>
        ))}
      </div>
      <Popover
        class="bar-button time-button"
        label={`${t("time.button")}: ${rangeText(range)}`}
        button={
          <>
            <Icon name="clock" />
            <span class="time-text">{rangeText(range)}</span>
            <Icon name="down" size={12} />
          </>
        }
      >
        {(close) => (
          <Typed
            onTake={(next) => {
              onChange(next);
              close();
            }}
          />
        )}
      </Popover>
    </div>
  );
}

function Typed({ onTake }: { onTake: (range: TimeRange) => void }) {
  const [text, setText] = useState("");
  const [bad, setBad] = useState(false);
  return (
    <form
      class="time-form"
      onSubmit={(event) => {
        event.preventDefault();
        const next = parseRange(text, Date.now(), zone.value);
        // All time has no window before it to compare with.
        const fits = next !== null && next.from !== "all";
        setBad(!fits);
        if (fits) onTake(next);
      }}
    >
      <label class="field-label" for="window-typed">
        {t("time.type")}
      </label>
      <input
        id="window-typed"
        class="input mono"
        value={text}
        autocomplete="off"
        aria-invalid={bad}
        aria-describedby="window-hint"
        onInput={(event) => {
          setText(event.currentTarget.value);
          setBad(false);
        }}
      />
      <p id="window-hint" class={bad ? "hint bad" : "hint"} role={bad ? "alert" : undefined}>
        {bad ? t("time.bad") : t("time.hint")}
      </p>
    </form>
  );
}
