// An export of all matches as a job on the server: started, watched, fetched or called off.
import { signal } from "@preact/signals";
import { ApiError, asApiError, cancelExport, getExport, startExport } from "../api/client";
import type { ExportJob } from "../api/types";
import { TIME_FIELD } from "../lib/query";
import { columns, current, view } from "./search";

const WATCH_MS = 400;

/** The export begun last on this page. */
export const exportJob = signal<ExportJob | null>(null);
export const exportFailed = signal<ApiError | null>(null);

export type ExportFormat = "csv" | "ndjson";

/** Begins an export of all matches and follows it: the columns of the table as CSV, or whole events. */
export async function beginExport(format: ExportFormat): Promise<void> {
  const run = current.peek();
  if (!run) return;
  exportFailed.value = null;
  exportJob.value = null;
  const what = { index: run.index, query: run.condition, oldest_first: view.peek().sort === "asc" };
  const fields = [TIME_FIELD, ...columns.peek().map(({ field }) => field)];
  try {
    const job = await startExport(format === "csv" ? { ...what, format, fields } : { ...what, format });
    exportJob.value = job;
    await watch(job.id);
  } catch (error) {
    exportFailed.value = asApiError(error);
  }
}

export const isRunning = (job: ExportJob | null) => job !== null && job.state !== "done" && job.state !== "failed";

async function watch(id: string): Promise<void> {
  while (exportJob.peek()?.id === id && isRunning(exportJob.peek())) {
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    const job = await getExport(id);
    if (exportJob.peek()?.id === id) exportJob.value = job;
  }
}

/** Calls off the export that is running. */
export async function stopExport(): Promise<void> {
  const job = exportJob.peek();
  exportJob.value = null;
  if (job) await cancelExport(job.id).catch(() => {});
}
