// Saved searches and the queries that were run here before: save this view, open one, delete one.
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { formatShort } from "../lib/time";
import { writeState } from "../lib/url-state";
import { navigate } from "../router";
import { forgetAll, pastQueries } from "../state/history";
import { showNote } from "../state/live";
import { loadSaved, removeSearch, savedSearches, saveSearch } from "../state/saved";
import { setView, view } from "../state/search";
import { zone } from "../state/settings";
import { errorText } from "./Messages";
import { IconButton } from "./IconButton";
import { Icon } from "./icons";
import { Short } from "./Text";

const MAX_NAME = 200;

export function SavedList({ close }: { close: () => void }) {
  const [name, setName] = useState("");
  const [bad, setBad] = useState("");
  useEffect(() => void loadSaved(), []);
  const save = async (event: Event) => {
    event.preventDefault();
    // The open event is where the reader was, not what is looked for.
    const url = `/search${writeState({ ...view.peek(), doc: null, tab: "fields" })}`;
    const error = await saveSearch(name.trim(), url);
    setBad(error ? errorText(error) : "");
    if (error) return;
    showNote(t("saved.done", { name: name.trim() }));
    setName("");
  };
  const saved = savedSearches.value;
  return (
    <div class="saved" data-test="saved">
      <form class="saved-form" onSubmit={(event) => void save(event)}>
        <input
          class="input"
          required
          maxLength={MAX_NAME}
          aria-label={t("saved.name")}
          placeholder={t("saved.name")}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" class="button primary">
          {t("saved.save")}
        </button>
      </form>
      {bad && (
        <p class="bad" role="alert">
          <Short text={bad} limit={300} />
        </p>
      )}
      <h3>{t("saved.label")}</h3>
      {saved?.length === 0 && <p class="hint">{t("saved.none")}</p>}
      <ul class="menu" data-test="saved-list">
        {saved?.map((search) => (
          <li key={search.id} class="menu-row">
            <button
              type="button"
              class="menu-item"
              title={search.url}
              onClick={() => {
                close();
                navigate(search.url);
              }}
            >
              <Icon name="star" size={14} />
              <Short text={search.name} limit={80} />
            </button>
            <IconButton
              icon="trash"
              label={t("saved.delete", { name: search.name })}
              size={14}
              onClick={() => void removeSearch(search).then((error) => error && setBad(errorText(error)))}
            />
          </li>
        ))}
      </ul>
      <h3>{t("history.label")}</h3>
      {pastQueries.value.length === 0 && <p class="hint">{t("history.none")}</p>}
      <ul class="menu" data-test="history">
        {pastQueries.value.map(({ q, lang, at }) => (
          <li key={`${lang} ${q}`}>
            <button
              type="button"
              class="menu-item"
              title={formatShort(at, zone.value)}
              onClick={() => {
                close();
                setView({ q, lang });
              }}
            >
              <span class="mono menu-text">
                <Short text={q} limit={120} />
              </span>
              {lang === "lucene" && <span class="badge">Lucene</span>}
            </button>
          </li>
        ))}
      </ul>
      {pastQueries.value.length > 0 && (
        <button type="button" class="link-button" onClick={forgetAll}>
          {t("history.clear")}
        </button>
      )}
    </div>
  );
}
