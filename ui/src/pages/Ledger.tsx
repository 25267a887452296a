// The ledger: one row per object, with records read = events + excluded + failed, and whether that holds.
import { getLedger } from "../api/client";
import type { LedgerPage as Page, LedgerRow, ObjectStatus } from "../api/types";
import { ErrorNote } from "../components/Messages";
import { ListSearch, MoreButton } from "../components/ListControls";
import { PageHead } from "../components/PageHead";
import { SkeletonRows } from "../components/Skeleton";
import { Short } from "../components/Text";
import { useParam, usePaged } from "../components/usePaged";
import { formatBytes, formatDuration, formatNumber, t } from "../i18n";
import { placeOf } from "../lib/document";
import { formatTime } from "../lib/time";
import { zone } from "../state/settings";

const LIMIT = 100;
/** Characters at the end of a name that are never cut. */
const TAIL = 27;
const STATUSES: ObjectStatus[] = ["loaded", "ignored", "failed"];

function excludedOf(row: LedgerRow): number {
  return row.excluded.reduce((sum, { count }) => sum + count, 0);
}

export function LedgerPage() {
  const [q, setQ] = useParam("q");
  const [given, setStatus] = useParam("status");
  const status = STATUSES.find((name) => name === given);
  const [failures, setFailures] = useParam("failures");
  const list = usePaged<LedgerRow, Page>(JSON.stringify([q, status, failures]), (cursor, signal) =>
    getLedger(
      {
        text: q,
        status: status || undefined,
        cursor: cursor ?? undefined,
        limit: LIMIT,
        with_failures: failures ? true : undefined,
      },
      signal,
    ),
  );
  const totals = list.first?.totals;
  return (
    <>
      <PageHead title={t("ledger.title")}>
        <button
          type="button"
          class="bar-button"
          aria-pressed={failures !== ""}
          onClick={() => setFailures(failures ? "" : "1")}
        >
          {t("ledger.withFailures")}
        </button>
        <select
          class="bar-select"
          aria-label={t("ledger.status")}
          value={status ?? ""}
          onChange={(event) => setStatus(event.currentTarget.value)}
        >
          <option value="">{t("ledger.statuses")}</option>
          {STATUSES.map((name) => (
            <option key={name} value={name}>
              {t(`ledger.status.${name}`)}
            </option>
          ))}
        </select>
        <ListSearch label={t("ledger.search")} value={q} onChange={setQ} />
      </PageHead>
      <main class="page list" id="content" aria-busy={list.loading}>
        <p class="intro">{t("ledger.intro")}</p>
        {list.error && list.error.code !== "offline" && <ErrorNote error={list.error} onRetry={list.reload} />}
        {totals && (
          <dl class="totals" data-test="ledger-totals">
            <div>
              <dt>{t("ledger.objects")}</dt>
              <dd>{formatNumber(totals.objects)}</dd>
            </div>
            <div>
              <dt>{t("ledger.read")}</dt>
              <dd>{formatNumber(totals.read)}</dd>
            </div>
            <div data-sum="=">
              <dt>{t("ledger.documents")}</dt>
              <dd>{formatNumber(totals.documents)}</dd>
              {totals.drifted > 0 && (
                <dd class="note" title={t("ledger.driftedTitle")}>
                  {t("ledger.drifted", { n: formatNumber(totals.drifted) })}
                </dd>
              )}
            </div>
            <div data-sum="+">
              <dt>{t("ledger.excluded")}</dt>
              <dd>{formatNumber(totals.excluded)}</dd>
            </div>
            <div data-sum="+">
              <dt>{t("ledger.failed")}</dt>
              <dd>{formatNumber(totals.failed)}</dd>
            </div>
            <div>
              <dt>{t("ledger.balance")}</dt>
              <dd>
                <Balance off={totals.read - totals.documents - totals.excluded - totals.failed} />
              </dd>
            </div>
          </dl>
        )}
        {list.first && list.items.length === 0 && (
          <p class="empty" data-test="empty">
            {t(q || status || failures ? "ledger.emptyFiltered" : "ledger.empty")}
          </p>
        )}
        {!list.first && !list.error && <SkeletonRows count={10} />}
        {list.items.length > 0 && (
          <div class="table-scroll" tabIndex={0} role="region" aria-label={t("ledger.title")}>
            <table class="plain ledger" data-test="ledger">
              <thead>
                <tr>
                  <th>{t("ledger.object")}</th>
                  <th>{t("ledger.type")}</th>
                  <th class="number">{t("ledger.size")}</th>
                  <th class="number">{t("ledger.read")}</th>
                  <th class="number">{t("ledger.documents")}</th>
                  <th class="number">{t("ledger.excluded")}</th>
                  <th class="number">{t("ledger.failed")}</th>
                  <th>{t("ledger.balance")}</th>
                  <th>{t("ledger.status")}</th>
                  <th>{t("ledger.started")}</th>
                  <th class="number">{t("ledger.took")}</th>
                </tr>
              </thead>
              <tbody>
                {list.items.map((row) => (
                  <Row key={row.id} row={row} />
                ))}
              </tbody>
            </table>
          </div>
        )}
        <MoreButton more={list.more} loading={list.loading} onClick={list.loadMore} />
      </main>
    </>
  );
}

function Row({ row }: { row: LedgerRow }) {
  const excluded = excludedOf(row);
  const started = Date.parse(row.started);
  const took = Date.parse(row.finished) - started;
  const place = placeOf(row.bucket, row.key);
  // Names of one day differ at their ends, so the end always stays in sight.
  const tail = Math.max(0, place.length - TAIL);
  return (
    <tr>
      <td class="mono object" title={place}>
        <span class="object-name">
          <span class="head">
            <Short text={place.slice(0, tail)} limit={300} />
          </span>
          <span class="tail">
            <Short text={place.slice(tail)} />
          </span>
        </span>
      </td>
      <td>
        <Short text={row.log_type || "–"} limit={40} />
      </td>
      <td class="number">{formatBytes(row.size_bytes)}</td>
      <td class="number">{formatNumber(row.read)}</td>
      <td class="number">
        {formatNumber(row.documents)}
        {row.drifted > 0 && (
          <span class="reason" title={t("ledger.driftedTitle")}>
            {" "}
            · {t("ledger.drifted", { n: formatNumber(row.drifted) })}
          </span>
        )}
      </td>
      <td
        class="number"
        title={row.excluded.map(({ reason, count }) => `${reason}: ${formatNumber(count)}`).join("\n")}
      >
        {formatNumber(excluded)}
      </td>
      <td class="number">
        {row.failed > 0 ? (
          <a class="bad" href={`/dead-letters?object=${encodeURIComponent(row.id)}`} title={t("ledger.failures")}>
            {formatNumber(row.failed)}
          </a>
        ) : (
          "0"
        )}
      </td>
      <td>
        <Balance off={row.read - row.documents - excluded - row.failed} />
      </td>
      <td title={row.status_reason ?? undefined}>
        {t(`ledger.status.${row.status}`)}
        {row.status_reason && (
          <span class="reason">
            {" "}
            · <Short text={row.status_reason} limit={60} />
          </span>
        )}
      </td>
      <td class="mono">{Number.isFinite(started) ? formatTime(started, zone.value).slice(0, 19) : "–"}</td>
      <td class="number">{Number.isFinite(took) ? formatDuration(took) : "–"}</td>
    </tr>
  );
}

function Balance({ off }: { off: number }) {
  return off === 0 ? (
    <span class="balance good">
      <span aria-hidden="true">✓ </span>
      {t("ledger.balanced")}
    </span>
  ) : (
    <span class="balance bad">
      <span aria-hidden="true">✕ </span>
      {t("ledger.unbalanced", { n: formatNumber(off) })}
    </span>
  );
}
