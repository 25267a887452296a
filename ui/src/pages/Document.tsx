// One event on its own page, at its permanent address.
import { useState } from "preact/hooks";
import { EventView } from "../components/EventView";
import { errorText } from "../components/Messages";
import { PageHead } from "../components/PageHead";
import { Short } from "../components/Text";
import { useDocument } from "../components/useDocument";
import { ValueMenu } from "../components/ValueMenu";
import { t } from "../i18n";
import { titleOf, valueAt } from "../lib/document";
import { formatTime, iso, MINUTE } from "../lib/time";
import { readState, writeState, type DetailTab } from "../lib/url-state";
import { zone } from "../state/settings";

export function DocumentPage({ index, id }: { index: string; id: string }) {
  const [tab, setTab] = useState<DetailTab>("fields");
  const state = useDocument(index, id);
  const source = state.kind === "ready" ? (state.hit._source ?? {}) : {};
  const at = Date.parse(valueAt(source, "@timestamp") ?? "");
  const around = Number.isFinite(at) ? { from: iso(at - 15 * MINUTE), to: iso(at + 15 * MINUTE) } : {};
  const back = `/search${writeState({ ...readState(""), ...around, doc: { index, id } })}`;
  return (
    <>
      <PageHead title={titleOf(source) ?? t("doc.title")}>
        <a class="button" href={back}>
          {t("doc.back")}
        </a>
      </PageHead>
      <main class="page document" id="content">
        <p class="document-meta mono">
          {Number.isFinite(at) && <span>{formatTime(at, zone.value)}</span>}
          <span>
            <Short text={`${index} / ${id}`} />
          </span>
        </p>
        {state.kind === "ready" && <EventView hit={state.hit} tab={tab} onTab={setTab} />}
        {state.kind === "missing" && <p class="empty">{t("detail.missing")}</p>}
        {state.kind === "error" && <p class="empty">{errorText(state.error)}</p>}
      </main>
      <ValueMenu />
    </>
  );
}
