// A value of a log as a link to the page of the entity it names, or to the search for it.
import type { TimeRange } from "../lib/time";
import { entityPath, valueSearch } from "../lib/entities";
import { valueAttributes } from "../state/focus";
import { Short } from "./Text";

interface Props {
  field: string;
  value: string;
  type: string | null | undefined;
  range: TimeRange;
  limit?: number;
  /** The query string to keep on the page of the entity. */
  search?: string;
}

export function ValueLink({ field, value, type, range, limit = 80, search = "" }: Props) {
  const href = type ? entityPath({ type, value }) + search : valueSearch(field, value, range);
  return (
    <a class="value-link" href={href} {...valueAttributes(field, value)}>
      <Short text={value} limit={limit} />
    </a>
  );
}
