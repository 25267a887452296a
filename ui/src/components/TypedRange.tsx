// A range of time as one would say it.
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { parseRange, type TimeRange } from "../lib/time";
import { zone } from "../state/settings";

interface Props {
  id: string;
  /** Says whether the range is taken. */
  onTake: (range: TimeRange) => boolean;
}

export function TypedRange({ id, onTake }: Props) {
  const [text, setText] = useState("");
  const [bad, setBad] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const range = parseRange(text, Date.now(), zone.value);
        setBad(range === null || !onTake(range));
      }}
    >
      <label class="field-label" for={id}>
        {t("time.type")}
      </label>
      <input
        id={id}
        class="input mono"
        value={text}
        autocomplete="off"
        aria-invalid={bad}
        aria-describedby={`${id}-hint`}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setBad(false);
        }}
      />
      <p id={`${id}-hint`} class={bad ? "hint bad" : "hint"} role={bad ? "alert" : undefined}>
        {t(bad ? "time.bad" : "time.hint")}
      </p>
    </form>
  );
}
