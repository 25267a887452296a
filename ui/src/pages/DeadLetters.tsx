// The dead letters: records that could not become events, by reason, each with its raw bytes and its place.
import { useRef, useState } from "preact/hooks";
import { getDeadLetter, getDeadLetters } from "../api/client";
import type { DeadLetter, DeadLetterPage, ReasonCount } from "../api/types";
import { Icon } from "../components/icons";
import { ErrorNote } from "../components/Messages";
import { ListSearch, MoreButton } from "../components/ListControls";
import { PageHead } from "../components/PageHead";
import { Long, Short } from "../components/Text";
import { useParam, usePaged } from "../components/usePaged";
import { formatBytes, formatNumber, t } from "../i18n";
import { formatTime } from "../lib/time";
import { zone } from "../state/settings";

const LIMIT = 100;

export function DeadLettersPage() {
  const [reason, setReason] = useParam("reason");
  const [q, setQ] = useParam("q");
  const [object, setObject] = useParam("object");
  const list = usePaged<DeadLetter, DeadLetterPage>(JSON.stringify([reason, q, object]), (cursor, signal) =>
    getDeadLetters({ reason, text: q, object, cursor: cursor ?? undefined, limit: LIMIT }, signal),
  );
  // The server counts over the whole filter; with a reason chosen, the other reasons keep their last numbers.
  const known = useRef<{ scope: string; counts: ReasonCount[] }>({ scope: "", counts: [] });
  const scope = JSON.stringify([q, object]);
  if (list.first && (reason === "" || known.current.scope !== scope))
    known.current = { scope, counts: list.first.counts };
  const { counts } = known.current;
  const all = counts.reduce((sum, { count }) => sum + count, 0);
  const filtered = Boolean(reason || q || object);
  return (
    <>
      <PageHead title={t("dead.title")}>
        <ListSearch label={t("dead.search")} value={q} onChange={setQ} />
      </PageHead>
      <main class="page list" id="content" aria-busy={list.loading}>
        <p class="intro">{t("dead.intro")}</p>
        {list.error && list.error.code !== "offline" && <ErrorNote error={list.error} onRetry={list.reload} />}
        {counts.length > 0 && (
          <div class="facets" role="group" aria-label={t("dead.reason")}>
            <button type="button" class="facet" aria-pressed={reason === ""} onClick={() => setReason("")}>
              {t("dead.all")}
              <b>{formatNumber(all)}</b>
            </button>
            {counts.map((count) => (
              <button
                key={count.reason}
                type="button"
                class="facet"
                aria-pressed={reason === count.reason}
                onClick={() => setReason(count.reason)}
              >
                <Short text={count.reason} limit={60} />
                <b>{formatNumber(count.count)}</b>
              </button>
            ))}
          </div>
        )}
        {object && (
          <p class="pills">
            <span class="pill">
              <span class="pill-text">
                <span class="pill-field">{t("dead.object")}</span>
                <span class="mono">
                  <Short text={list.items[0]?.key ?? object} limit={120} />
                </span>
              </span>
              <button
                type="button"
                class="pill-close"
                aria-label={t("filter.remove", { name: t("dead.object") })}
                onClick={() => setObject("")}
              >
                <Icon name="close" size={12} />
              </button>
            </span>
          </p>
        )}
        {list.first && list.items.length === 0 && (
          <p class="empty" data-test="empty">
            {t(filtered ? "dead.emptyFiltered" : "dead.empty")}
          </p>
        )}
        {!list.first && !list.error && (
          <div class="skel-rows">
            {Array.from({ length: 10 }, (_, at) => (
              <i key={at} class="skel" />
            ))}
          </div>
        )}
        <ul class="letters" data-test="dead-letters">
          {list.items.map((letter) => (
            <Letter key={letter.id} letter={letter} />
          ))}
        </ul>
        <MoreButton more={list.more} loading={list.loading} onClick={list.loadMore} />
      </main>
    </>
  );
}

function Letter({ letter: listed }: { letter: DeadLetter }) {
  const [letter, setLetter] = useState(listed);
  const whole = () => void getDeadLetter(listed.id).then(setLetter, () => {});
  const at = Date.parse(letter.time);
  return (
    <li>
      <details class="letter">
        <summary>
          <span class="badge bad">
            <span aria-hidden="true">✕ </span>
            <Short text={letter.reason} limit={60} />
          </span>
          <span class="badge">
            <Short text={letter.log_type || "–"} limit={40} />
          </span>
          <span class="letter-raw mono">
            <Short text={letter.raw} limit={220} />
          </span>
          <time class="mono" dateTime={letter.time}>
            {Number.isFinite(at) ? formatTime(at, zone.value).slice(0, 19) : ""}
          </time>
        </summary>
        <dl class="facts">
          <dt>{t("dead.detail")}</dt>
          <dd>
            <Long text={letter.detail} limit={1000} />
          </dd>
          <dt>{t("dead.object")}</dt>
          <dd class="mono">
            <Long text={letter.bucket ? `s3://${letter.bucket}/${letter.key}` : letter.key} limit={400} />
          </dd>
          <dt>{t("dead.line")}</dt>
          <dd class="mono">
            {letter.line == null ? "–" : formatNumber(letter.line)} · {t("dead.offset")}{" "}
            {formatNumber(letter.byte_offset)}
          </dd>
          <dt>{t("dead.parser")}</dt>
          <dd class="mono">
            <Short text={letter.parser_version} limit={80} />
          </dd>
          <dt>{t("dead.raw")}</dt>
          <dd>
            <pre class="raw-text" tabIndex={0}>
              <Long text={letter.raw} limit={4000} multiline />
            </pre>
            {letter.raw_lossy && <p class="hint">{t("dead.lossy")}</p>}
            {letter.raw_truncated && (
              <button type="button" class="link-button" onClick={whole}>
                {t("dead.whole")} ({formatBytes(letter.raw_bytes)})
              </button>
            )}
          </dd>
        </dl>
      </details>
    </li>
  );
}
