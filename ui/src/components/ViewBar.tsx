// The tools of the search view: how the matches are shown, comparison, saved searches, sharing, export.
import { t } from "../i18n";
import type { ViewKind } from "../lib/url-state";
import { fieldListShown, toggleFieldList } from "../state/fields";
import { setView, view } from "../state/search";
import { copyFixedLink, copyLink } from "../state/share";
import { ExportForm } from "./ExportForm";
import { Icon, type IconName } from "./icons";
import { Popover } from "./Popover";
import { SavedList } from "./SavedList";

const KINDS: { kind: ViewKind; icon: IconName }[] = [
  { kind: "list", icon: "list" },
  { kind: "table", icon: "count" },
  { kind: "timeline", icon: "lanes" },
];

export function ViewBar() {
  const { kind, compare } = view.value;
  return (
    <div class="view-bar">
      <button
        type="button"
        class="chip-button"
        aria-pressed={fieldListShown.value}
        title={`${t("fields.label")} (f)`}
        onClick={toggleFieldList}
        data-test="toggle-fields"
      >
        <Icon name="fields" size={14} />
        <span class="chip-text">{t("fields.label")}</span>
      </button>
      <button
        type="button"
        class="chip-button"
        aria-pressed={compare}
        title={`${t("compare.toggle")} (c)`}
        onClick={() => setView({ compare: !compare })}
        data-test="compare"
      >
        <Icon name="compare" size={14} />
        <span class="chip-text">{t("compare.label")}</span>
      </button>
      <span class="segmented" role="group" aria-label={t("search.views")}>
        {KINDS.map(({ kind: name, icon }) => (
          <button
            key={name}
            type="button"
            aria-pressed={kind === name}
            title={t(`search.view.${name}`)}
            onClick={() => setView({ kind: name })}
            data-test={`view-${name}`}
          >
            <Icon name={icon} size={14} />
            <span class="chip-text">{t(`search.view.${name}`)}</span>
          </button>
        ))}
      </span>
      <Popover
        class="chip-button"
        label={t("saved.label")}
        button={
          <>
            <Icon name="star" size={14} /> <span class="chip-text">{t("saved.button")}</span>
          </>
        }
      >
        {(close) => <SavedList close={close} />}
      </Popover>
      <Popover
        class="chip-button"
        label={t("search.share")}
        button={
          <>
            <Icon name="share" size={14} /> <span class="chip-text">{t("search.share")}</span>
          </>
        }
      >
        {(close) => (
          <div class="menu">
            <MenuItem text={t("search.share.link")} shortcut="y" onClick={() => (close(), void copyLink())} />
            <MenuItem text={t("search.share.fixed")} onClick={() => (close(), void copyFixedLink())} />
          </div>
        )}
      </Popover>
      <Popover
        class="chip-button"
        label={t("export.label")}
        button={
          <>
            <Icon name="download" size={14} /> <span class="chip-text">{t("export.label")}</span>
          </>
        }
      >
        {() => <ExportForm />}
      </Popover>
    </div>
  );
}

function MenuItem({ text, shortcut, onClick }: { text: string; shortcut?: string; onClick: () => void }) {
  return (
    <button type="button" class="menu-item" onClick={onClick}>
      <span>{text}</span>
      {shortcut && <kbd>{shortcut}</kbd>}
    </button>
  );
}
