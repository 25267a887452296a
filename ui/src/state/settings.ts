// What belongs to the reader and not to the view: theme, language, time zone. Kept in this browser.
import { effect, signal } from "@preact/signals";
import { language, pseudo, type Language } from "../i18n";
import { isZone, type Zone } from "../lib/time";

export type Theme = "dark" | "light";

function load(name: string): string | null {
  try {
    return localStorage.getItem(`yagura.${name}`);
  } catch {
    return null;
  }
}

function save(name: string, value: string): void {
  try {
    localStorage.setItem(`yagura.${name}`, value);
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
}

const prefersLight = matchMedia("(prefers-color-scheme: light)");

/** The chosen theme; `null` follows the system. */
export const chosenTheme = signal<Theme | null>(
  ((saved) => (saved === "dark" || saved === "light" ? saved : null))(load("theme")),
);

/** The zone times are shown in. */
export const zone = signal<Zone>(((saved) => (saved && isZone(saved) ? saved : "local"))(load("zone")));

/** Whether single letters are shortcuts; those who dictate or have tremor switch them off. */
export const letterKeys = signal(load("letters") !== "off");

export function setLetterKeys(on: boolean): void {
  letterKeys.value = on;
  save("letters", on ? "on" : "off");
}

export function setTheme(next: Theme | null): void {
  chosenTheme.value = next;
  save("theme", next ?? "");
}

export function toggleTheme(): void {
  const current: Theme = chosenTheme.value ?? (prefersLight.matches ? "light" : "dark");
  setTheme(current === "dark" ? "light" : "dark");
}

export function setLanguage(next: Language): void {
  language.value = next;
  pseudo.value = false;
  save("language", next);
}

export function setZone(next: Zone): void {
  zone.value = next;
  save("zone", next);
}

/** What the user's profile on the server says counts where this browser holds no choice of its own. */
export function adoptProfile({
  lang,
  theme,
  tz,
}: {
  lang?: string | null;
  theme?: string | null;
  tz?: string | null;
}): void {
  if (load("language") === null && (lang === "en" || lang === "ja")) language.value = lang;
  if (load("theme") === null && (theme === "dark" || theme === "light")) chosenTheme.value = theme;
  if (load("zone") === null && tz) zone.value = tz === "UTC" ? "utc" : isZone(tz) ? tz : "local";
}

/** Reads the saved language and keeps the root element in step. */
export function startSettings(): void {
  const saved = load("language") ?? navigator.language.slice(0, 2);
  language.value = saved === "ja" ? "ja" : "en";
  // The locale that stretches every text, for finding those that have no room.
  pseudo.value = saved === "en-XA";
  effect(() => {
    document.documentElement.lang = language.value;
  });
  effect(() => {
    if (chosenTheme.value) document.documentElement.dataset["theme"] = chosenTheme.value;
    else delete document.documentElement.dataset["theme"];
  });
}
