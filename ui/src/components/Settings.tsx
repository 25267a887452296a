// What belongs to the reader: language, theme, time zone, single-letter shortcuts.
import { useEffect, useRef, useState } from "preact/hooks";
import { language, t, type Language } from "../i18n";
import { isZone, zoneName } from "../lib/time";
import { settingsOpen } from "../state/keys";
import {
  chosenTheme,
  letterKeys,
  setLanguage,
  setLetterKeys,
  setTheme,
  setZone,
  zone,
  type Theme,
} from "../state/settings";
import { IconButton } from "./IconButton";

const THEMES: (Theme | null)[] = [null, "dark", "light"];
const LANGUAGES: { id: Language; name: string }[] = [
  { id: "en", name: "English" },
  { id: "ja", name: "日本語" },
];

export function Settings() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const close = () => (settingsOpen.value = false);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-label={t("settings.title")}
      onClose={close}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <header class="dialog-head">
        <h2>{t("settings.title")}</h2>
        <IconButton icon="close" label={t("help.close")} onClick={close} />
      </header>
      <div class="settings">
        <fieldset>
          <legend>{t("settings.language")}</legend>
          {LANGUAGES.map(({ id, name }) => (
            <label key={id} lang={id}>
              <input type="radio" name="language" checked={language.value === id} onChange={() => setLanguage(id)} />
              {name}
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>{t("settings.theme")}</legend>
          {THEMES.map((theme) => (
            <label key={theme}>
              <input type="radio" name="theme" checked={chosenTheme.value === theme} onChange={() => setTheme(theme)} />
              {t(`settings.theme.${theme ?? "system"}`)}
            </label>
          ))}
        </fieldset>
        <ZoneChoice />
        <fieldset>
          <legend>{t("settings.keys")}</legend>
          <label>
            <input
              type="checkbox"
              checked={letterKeys.value}
              onChange={(event) => setLetterKeys(event.currentTarget.checked)}
              data-test="letter-keys"
            />
            {t("settings.letters")}
          </label>
          <p class="hint">{t("settings.letters.hint")}</p>
        </fieldset>
      </div>
    </dialog>
  );
}

function ZoneChoice() {
  const [typed, setTyped] = useState(zone.value === "local" || zone.value === "utc" ? "" : zone.value);
  const [bad, setBad] = useState(false);
  const take = (name: string) => {
    setTyped(name);
    const known = name !== "" && isZone(name);
    setBad(name !== "" && !known);
    if (known) setZone(name);
  };
  return (
    <fieldset>
      <legend>{t("settings.zone")}</legend>
      <label>
        <input type="radio" name="zone" checked={zone.value === "local"} onChange={() => setZone("local")} />
        {t("settings.zone.local", { zone: zoneName("local", Date.now()) })}
      </label>
      <label>
        <input type="radio" name="zone" checked={zone.value === "utc"} onChange={() => setZone("utc")} />
        UTC
      </label>
      <label>
        <span>{t("settings.zone.named")}</span>
        <input
          class="input mono"
          list="zone-names"
          value={typed}
          placeholder="Asia/Tokyo"
          aria-invalid={bad}
          onInput={(event) => take(event.currentTarget.value.trim())}
        />
      </label>
      <datalist id="zone-names">
        {Intl.supportedValuesOf("timeZone").map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {bad && <p class="hint bad">{t("settings.zone.bad")}</p>}
    </fieldset>
  );
}
