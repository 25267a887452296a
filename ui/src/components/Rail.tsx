// The icon rail: the places of the product, then language, theme and help.
import { language, t, type Key } from "../i18n";
import { place } from "../router";
import { helpOpen, settingsOpen } from "../state/keys";
import { endSession, session } from "../state/session";
import { setLanguage, toggleTheme } from "../state/settings";
import { Icon, type IconName } from "./icons";
import { Short } from "./Text";

const PLACES: { path: string; icon: IconName; label: Key }[] = [
  { path: "/search", icon: "search", label: "nav.search" },
  { path: "/sources", icon: "sources", label: "nav.sources" },
  { path: "/dead-letters", icon: "dead", label: "nav.dead" },
  { path: "/ledger", icon: "ledger", label: "nav.ledger" },
];

export function Rail() {
  const path = place.value.path;
  const other = language.value === "en" ? "ja" : "en";
  return (
    <nav class="rail" aria-label="Yagura">
      <a class="rail-logo" href="/" aria-label={t("nav.home")}>
        <img src="/favicon.svg" alt="" width="24" height="24" />
      </a>
      {PLACES.map(({ path: target, icon, label }) => (
        <a key={target} class="rail-item" href={target} aria-current={path === target ? "page" : undefined}>
          <Icon name={icon} size={20} />
          <span class="rail-label">{t(label)}</span>
        </a>
      ))}
      <span class="rail-gap" />
      <button
        type="button"
        class="rail-item"
        lang={other}
        aria-label={t("nav.language")}
        onClick={() => setLanguage(other)}
        data-test="language"
      >
        <span class="rail-glyph" aria-hidden="true">
          {other === "ja" ? "あ" : "A"}
        </span>
        <span class="rail-label">{t("nav.language")}</span>
      </button>
      <button type="button" class="rail-item" aria-label={t("nav.theme")} onClick={toggleTheme} data-test="theme">
        <Icon name="theme" size={20} />
        <span class="rail-label">
          {t("nav.theme")} <kbd>t</kbd>
        </span>
      </button>
      <button
        type="button"
        class="rail-item"
        aria-label={t("settings.title")}
        onClick={() => (settingsOpen.value = true)}
        data-test="settings"
      >
        <Icon name="settings" size={20} />
        <span class="rail-label">{t("settings.title")}</span>
      </button>
      <button type="button" class="rail-item" aria-label={t("nav.help")} onClick={() => (helpOpen.value = true)}>
        <Icon name="help" size={20} />
        <span class="rail-label">
          {t("nav.help")} <kbd>?</kbd>
        </span>
      </button>
      {session.value && !session.value.open && (
        <button
          type="button"
          class="rail-item"
          aria-label={t("nav.signOut")}
          onClick={() => void endSession()}
          data-test="sign-out"
        >
          <Icon name="signOut" size={20} />
          <span class="rail-label">
            {t("nav.signOut")} · <Short text={session.value.user} limit={40} />
          </span>
        </button>
      )}
    </nav>
  );
}
