// What can be done with the picked rows, at the bottom of the table.
import { t, tn } from "../i18n";
import { clearPicked, copyPicked, pickedRows, type CopyFormat } from "../state/selection";
import { Icon } from "./icons";

const FORMATS: CopyFormat[] = ["raw", "json", "csv"];

export function SelectionBar() {
  const count = pickedRows.value.length;
  if (count === 0) return null;
  return (
    <div class="selection-bar" role="toolbar" aria-label={t("search.select.bar")} data-test="selection">
      <b>{tn("search.select.picked", count)}</b>
      {FORMATS.map((format) => (
        <button key={format} type="button" class="chip-button" onClick={() => void copyPicked(format)}>
          <Icon name="copy" size={14} />
          {t(`search.select.${format}`)}
          {format === "raw" && <kbd>y</kbd>}
        </button>
      ))}
      <button type="button" class="link-button" onClick={clearPicked}>
        {t("search.select.clear")} <kbd>Esc</kbd>
      </button>
    </div>
  );
}
