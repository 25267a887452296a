// The live region and the short note at the bottom of the page: one message at a time.
import { signal } from "@preact/signals";
import { t } from "../i18n";

/** Read out by screen readers. */
export const announcement = signal("");
/** Shown for two seconds. */
export const note = signal("");

let timer: ReturnType<typeof setTimeout> | undefined;

export function announce(text: string): void {
  announcement.value = text;
}

export function showNote(text: string): void {
  note.value = text;
  announce(text);
  clearTimeout(timer);
  timer = setTimeout(() => (note.value = ""), 2000);
}

/** Copies the exact text and says so. */
export async function copyText(text: string, done = t("value.copied")): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    showNote(done);
  } catch {
    showNote(copyBySelection(text) ? done : t("value.copyFailed"));
  }
}

/** The older way, which also works on plain HTTP addresses other than loopback. */
function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "off-screen";
  const before = document.activeElement;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}
