// Shows a value from a log: inert, isolated from its surroundings, hidden characters marked, long ones cut.
import { useState } from "preact/hooks";
import { formatNumber, t } from "../i18n";
import { cutText, segments } from "../lib/visible";

/** Characters added per step when a very long value is shown. */
const STEP = 100_000;

/** The text with its hidden characters as marks. */
export function marked(text: string, multiline = false) {
  return (
    <bdi>
      {segments(text, multiline).map((segment) =>
        segment.mark === undefined ? (
          segment.text
        ) : (
          <span class="mark" title={t("mark.title", { code: segment.mark, name: segment.name })}>
            {segment.mark}
          </span>
        ),
      )}
    </bdi>
  );
}

/** A value in one line, cut at `limit` for good. A plain function: a table has many cells. */
export function short(text: string, limit: number) {
  const { text: head, cut } = cutText(text, limit);
  return cut > 0 ? [marked(head), "…"] : marked(head);
}

export const Short = ({ text, limit = 200 }: { text: string; limit?: number }) => short(text, limit);

/** A value that can be unfolded when it is long. */
export function Long({ text, limit = 300, multiline = false }: { text: string; limit?: number; multiline?: boolean }) {
  const [shown, setShown] = useState(limit);
  const { text: head, cut } = cutText(text, shown);
  const next = Math.min(cut, STEP);
  return (
    <>
      {marked(head, multiline)}
      {cut > 0 && (
        <button type="button" class="link-button" onClick={() => setShown(shown + STEP)}>
          …
          {cut <= STEP ? t("value.more", { n: formatNumber(text.length) }) : t("value.next", { n: formatNumber(next) })}
        </button>
      )}
      {cut === 0 && shown > limit && text.length > limit && (
        <button type="button" class="link-button" onClick={() => setShown(limit)}>
          {t("value.less")}
        </button>
      )}
    </>
  );
}
