// Export of all matches: format, columns, progress, and the file.
import { useState } from "preact/hooks";
import { exportFile } from "../api/client";
import { formatBytes, formatNumber, formatPercent, t, tn } from "../i18n";
import { share } from "../lib/statistics";
import { beginExport, exportFailed, exportJob, stopExport, type ExportJobFormat } from "../state/exports";
import { total } from "../state/search";
import { errorText } from "./Messages";
import { Short } from "./Text";

const FORMATS: { format: ExportJobFormat; whole: boolean; key: "csv" | "ndjson" | "documents" }[] = [
  { format: "csv", whole: false, key: "csv" },
  { format: "ndjson", whole: false, key: "ndjson" },
  { format: "ndjson", whole: true, key: "documents" },
];

export function ExportForm() {
  const [chosen, setChosen] = useState(0);
  const job = exportJob.value;
  const error = exportFailed.value;
  const running = job?.status === "running";
  const choice = FORMATS[chosen];
  return (
    <form
      class="export-form"
      data-test="export"
      onSubmit={(event) => {
        event.preventDefault();
        if (choice) void beginExport(choice.format, choice.whole);
      }}
    >
      <p>{tn("export.intro", total.value?.value ?? 0)}</p>
      <fieldset disabled={running}>
        <legend class="field-label">{t("export.format")}</legend>
        {FORMATS.map(({ key }, at) => (
          <label key={key}>
            <input type="radio" name="export-format" checked={at === chosen} onChange={() => setChosen(at)} />
            {t(`export.${key}`)}
          </label>
        ))}
      </fieldset>
      {!running && (
        <button type="submit" class="button primary">
          {t("export.start")}
        </button>
      )}
      {job && (
        <div class="export-progress" role="status" data-test="export-progress" data-status={job.status}>
          {running && (
            <>
              <progress max={Math.max(1, job.total)} value={job.written} aria-label={t("export.label")} />
              <span>
                {formatPercent(share(job.written, job.total))} · {formatNumber(job.written)}
              </span>
              <button type="button" class="link-button" onClick={() => void stopExport()}>
                {t("export.stop")}
              </button>
            </>
          )}
          {job.status === "done" && (
            <>
              <span>{tn("export.done", job.written)}</span>
              <a class="button" href={exportFile(job.id)} target="_self" download>
                {t("export.fetch")} ({formatBytes(job.size_bytes)})
              </a>
            </>
          )}
          {job.status === "failed" && <span class="bad">{t("export.failed")}</span>}
        </div>
      )}
      {error && (
        <p class="bad" role="alert">
          <Short text={errorText(error)} limit={300} />
        </p>
      )}
    </form>
  );
}
