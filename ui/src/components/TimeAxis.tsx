// The times below rows that run from left to right.
import type { ticks } from "../lib/series";
import { formatTick } from "../lib/time";
import { zone } from "../state/settings";

/** Percent of the axis beyond which a label would be cut off. */
const LAST_LABEL = 93;

interface Props {
  class: string;
  ticks: ReturnType<typeof ticks>;
  /** Where a time is, in percent of the width. */
  percent: (at: number) => number;
}

export function TimeAxis({ class: className, ticks: { at, step }, percent }: Props) {
  return (
    <div class={className} aria-hidden="true">
      {at
        .filter((tick) => percent(tick) <= LAST_LABEL)
        .map((tick) => (
          <span key={tick} style={{ left: `${percent(tick)}%` }}>
            {formatTick(tick, step, zone.value)}
          </span>
        ))}
    </div>
  );
}
