// The dead letters: records that could not become events, by reason, each with its raw bytes and its place.
import { useEffect, useRef, useState } from "preact/hooks";
import { asApiError, getDeadLetter, getDeadLetters, retryDeadLetters } from "../api/client";
import type { DeadLetter, DeadLetterPage, ReasonCount } from "../api/types";
import { Icon } from "../components/icons";
import { ErrorNote, errorText } from "../components/Messages";
import { ListSearch, MoreButton } from "../components/ListControls";
import { PageHead } from "../components/PageHead";
import { SkeletonRows } from "../components/Skeleton";
import { Long, Short } from "../components/Text";
import { useParam, usePaged } from "../components/usePaged";
import { formatBytes, formatNumber, t, tn } from "../i18n";
import { placeOf } from "../lib/document";
import { formatTime } from "../lib/time";
import { announce } from "../state/live";
import { mayRetry } from "../state/session";
import { zone } from "../state/settings";

const LIMIT = 100;
/** The server takes no more at a time. */
const MAX_RETRIED = 10_000;

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
  const retry = useRetry(list.reload);
  // All of a reason when that is what is shown; what is listed otherwise.
  const wholeReason = reason !== "" && !q && !object;
  const toTry = wholeReason
    ? (counts.find((count) => count.reason === reason)?.count ?? 0)
    : Math.min(list.items.length, MAX_RETRIED);
  const retryShown = () =>
    void retry.run(wholeReason ? { reason } : { ids: list.items.slice(0, MAX_RETRIED).map(({ id }) => id) });
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
            {mayRetry.value && toTry > 0 && (
              <button
                type="button"
                class="button retry-shown"
                data-test="retry"
                disabled={retry.running}
                onClick={retryShown}
              >
                <Icon name="refresh" size={14} />
                {retry.running ? t("dead.retrying") : tn("dead.retry", toTry)}
              </button>
            )}
          </div>
        )}
        {retry.outcome && (
          <p
            class={`banner retry-outcome ${retry.outcome.bad ? "bad" : "good"}`}
            role="status"
            data-test="retry-outcome"
          >
            <Short text={retry.outcome.text} limit={400} />
          </p>
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
        {!list.first && !list.error && <SkeletonRows count={10} />}
        <ul class="letters" data-test="dead-letters">
          {list.items.map((letter) => (
            <Letter key={letter.id} letter={letter} retrying={retry.running} onRetry={retry.run} />
          ))}
        </ul>
        <MoreButton more={list.more} loading={list.loading} onClick={list.loadMore} />
      </main>
    </>
  );
}

type Which = { ids: string[] } | { reason: string };

/** Runs dead letters again and tells in words what became of them. */
function useRetry(reload: () => void) {
  const [running, setRunning] = useState(false);
  const [outcome, setOutcome] = useState<{ text: string; bad: boolean } | null>(null);
  const run = async (which: Which) => {
    setRunning(true);
    try {
      const before = await countAll();
      const tried = await retryDeadLetters(which);
      const left = await countAll();
      const text = `${tn("dead.tried", tried)} ${tn("dead.left", left, { before: formatNumber(before) })}`;
      setOutcome({ text, bad: false });
      announce(text);
    } catch (error) {
      const known = asApiError(error);
      setOutcome({ text: errorText(known), bad: true });
    }
    setRunning(false);
    reload();
  };
  return { running, outcome, run };
}

/** How many dead letters there are, whatever is shown. */
async function countAll(): Promise<number> {
  const { counts } = await getDeadLetters({ limit: 1 });
  return counts.reduce((sum, { count }) => sum + count, 0);
}

interface LetterProps {
  letter: DeadLetter;
  retrying: boolean;
  onRetry: (which: Which) => Promise<void>;
}

function Letter({ letter: listed, retrying, onRetry }: LetterProps) {
  const [letter, setLetter] = useState(listed);
  useEffect(() => setLetter(listed), [listed]);
  const whole = () => void getDeadLetter(listed.id).then(setLetter, () => {});
  const retried = Date.parse(letter.retried ?? "");
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
            <Long text={placeOf(letter.bucket, letter.key)} limit={400} />
          </dd>
          <dt>{t("dead.line")}</dt>
          <dd class="mono">
            {letter.line == null ? "–" : formatNumber(letter.line)} · {t("dead.offset")}{" "}
            {formatNumber(letter.byte_offset)}
          </dd>
          {letter.retries > 0 && (
            <>
              <dt>{t("dead.retries")}</dt>
              <dd class="mono">
                {formatNumber(letter.retries)}
                {Number.isFinite(retried) && ` · ${formatTime(retried, zone.value).slice(0, 19)}`}
              </dd>
            </>
          )}
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
        {mayRetry.value && (
          <p class="letter-actions">
            <button
              type="button"
              class="chip-button"
              disabled={retrying}
              onClick={() => void onRetry({ ids: [letter.id] })}
            >
              <Icon name="refresh" size={12} />
              {t("dead.retryThis")}
            </button>
          </p>
        )}
      </details>
    </li>
  );
}
