// The window of an entity's page: five lengths, or a range that is typed.
import { t } from "../../i18n";
import type { TimeRange } from "../../lib/time";
import { Icon } from "../icons";
import { Popover } from "../Popover";
import { rangeText } from "../TimePicker";
import { TypedRange } from "../TypedRange";

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
            title={rangeText({ from: `now-${size}`, to: "now" })}
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
          <div class="time-form">
            <TypedRange
              id="window-typed"
              onTake={(next) => {
                // All time has no window before it to compare with.
                if (next.from === "all") return false;
                onChange(next);
                close();
                return true;
              }}
            />
          </div>
        )}
      </Popover>
    </div>
  );
}
