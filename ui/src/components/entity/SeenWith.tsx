// What an entity was seen with: the commonest values of the fields that tell most, each a link.
import type { SeenWith as Seen } from "../../api/types";
import { formatNumber, t, tCode } from "../../i18n";
import type { TimeRange } from "../../lib/time";
import { ValueLink } from "../EntityLink";

interface Props {
  seen: Seen[];
  range: TimeRange;
  search: string;
}

export function SeenWith({ seen, range, search }: Props) {
  if (seen.length === 0) return <p class="hint">{t("entity.seen.none")}</p>;
  return (
    <div class="seen-with">
      {seen.map(({ field, kind, values }) => {
        const most = Math.max(1, ...values.map(({ n }) => n));
        return (
          <section key={field}>
            <h3 title={field}>{tCode("entity.field", field, "entity.field.other", { field })}</h3>
            <ul>
              {values.map(({ v, n }) => (
                <li key={String(v)}>
                  <ValueLink field={field} value={String(v)} type={kind} range={range} limit={60} search={search} />
                  <span class="seen-count">{formatNumber(n)}</span>
                  <svg class="seen-bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
                    <rect width={(100 * n) / most} height="1" />
                  </svg>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
