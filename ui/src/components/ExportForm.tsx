// Export of all matches: format, columns, progress, and the file.
import { useState } from "preact/hooks";
import { exportFile } from "../api/client";
import { formatBytes, formatNumber, formatPercent, t, tn } from "../i18n";
import { share } from "../lib/statistics";
import { beginExport, exportFailed, exportJob, isRunning, stopExport, type ExportFormat } from "../state/exports";
import { total } from "../state/search";
import { errorText } from "./Messages";
import { Short } from "./Text";

const FORMATS: ExportFormat[] = ["csv", "ndjson"];

export function ExportForm() {
  const [chosen, setChosen] = useState<ExportFormat>("csv");
  const job = exportJob.value;
  const error = exportFailed.value;
  const running = isRunning(job);
  return (
    <form
      class="export-form"
      data-test="export"
      onSubmit={(event) => {
        event.preventDefault();
        void beginExport(chosen);
      }}
    >
      <p>{tn("export.intro", total.value?.value ?? 0)}</p>
      <fieldset disabled={running}>
        <legend class="field-label">{t("export.format")}</legend>
        {FORMATS.map((format) => (
          <label key={format}>
            <input type="radio" name="export-format" checked={format === chosen} onChange={() => setChosen(format)} />
            {t(`export.${format}`)}
          </label>
        ))}
      </fieldset>
      {!running && (
        <button type="submit" class="button primary">
          {t("export.start")}
        </button>
      )}
      {job && (
        <div class="export-progress" role="status" data-test="export-progress" data-state={job.state}>
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
          {job.state === "done" && (
            <>
              <span>
                {tn("export.done", job.written)} {job.is_cut && t("export.cut")}
              </span>
              <a class="button" href={exportFile(job.id)} target="_self" download>
                {t("export.fetch")} ({formatBytes(job.bytes)})
              </a>
            </>
          )}
          {job.state === "failed" && <span class="bad">{t("export.failed")}</span>}
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
