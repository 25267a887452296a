// The matches counted by up to three fields, with the change against the period before when that is asked for.
import { formatNumber, formatPercent, t } from "../i18n";
import { share } from "../lib/statistics";
import { MAX_BY, type Filter } from "../lib/url-state";
import { fieldsOf, groupsFailed, groupsStale, table } from "../state/groups";
import { valueAttributes } from "../state/focus";
import { setView, view } from "../state/search";
import { addFilter } from "../lib/url-state";
import { Change } from "./Change";
import { ByFields } from "./ByFields";
import { ErrorNote } from "./Messages";
import { refresh } from "../state/search";
import { Short } from "./Text";

/** Shows the events behind a row. */
function openGroup(by: string[], values: string[]): void {
  let { filters } = view.peek();
  by.forEach((field, at) => {
    const filter: Filter = { field, value: values[at] ?? "" };
    filters = addFilter(filters, filter);
  });
  setView({ filters, kind: "list" });
}

export function GroupTable() {
  const data = table.value;
  const failed = groupsFailed.value;
  const by = fieldsOf(view.value);
  return (
    <section class="groups" data-stale={groupsStale.value} data-test="groups">
      <ByFields by={by} most={MAX_BY} />
      {failed && <ErrorNote error={failed} onRetry={refresh} />}
      {!data && !failed && <p class="field-note">{t("list.loading")}</p>}
      {data && (
        <div class="groups-body" tabIndex={0}>
          <table class="plain groups-table">
            <caption class="off-screen">{t("groups.caption", { fields: data.by.join(", ") })}</caption>
            <thead>
              <tr>
                {data.by.map((field) => (
                  <th key={field}>{field}</th>
                ))}
                <th class="number">{t("groups.count")}</th>
                <th>
                  <span class="off-screen">{t("groups.share")}</span>
                </th>
                {data.compared && <th class="number">{t("compare.before")}</th>}
                {data.compared && <th>{t("compare.change")}</th>}
                <th>
                  <span class="off-screen">{t("groups.open")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.rows.map(({ values, count, before }) => (
                <tr key={JSON.stringify(values)}>
                  {values.map((value, at) => (
                    <td key={at} class="mono">
                      <span class="field-value" tabIndex={0} {...valueAttributes(data.by[at] ?? "", value)}>
                        <Short text={value} limit={120} />
                      </span>
                    </td>
                  ))}
                  <td class="number">{formatNumber(count)}</td>
                  <td class="groups-share">
                    <i style={{ width: `${share(count, data.total)}%` }} aria-hidden="true" />
                    <span>{formatPercent(share(count, data.total))}</span>
                  </td>
                  {before !== null && <td class="number">{formatNumber(before)}</td>}
                  {before !== null && (
                    <td>
                      <Change now={count} before={before} />
                    </td>
                  )}
                  <td>
                    <button type="button" class="link-button" onClick={() => openGroup(data.by, values)}>
                      {t("groups.open")}
                    </button>
                  </td>
                </tr>
              ))}
              {data.others > 0 && (
                <tr class="groups-others">
                  <td colSpan={data.by.length}>{t("groups.others")}</td>
                  <td class="number">{formatNumber(data.others)}</td>
                  <td class="groups-share">
                    <i style={{ width: `${share(data.others, data.total)}%` }} aria-hidden="true" />
                    <span>{formatPercent(share(data.others, data.total))}</span>
                  </td>
                  <td colSpan={data.compared ? 3 : 1} />
                </tr>
              )}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
