// Bars in a line, with the period before as a ghost behind them; the numbers stand beside it in words.
interface Props {
  bars: number[];
  before?: number[];
  label: string;
  /** Class that colours the bars. */
  fill?: string;
}

const HEIGHT = 28;

export function Spark({ bars, before = [], label, fill = "fill-0" }: Props) {
  const most = Math.max(1, ...bars, ...before);
  const height = (value: number) => (value === 0 ? 0 : Math.max(1.5, (value / most) * HEIGHT));
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${bars.length} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {before.map((value, at) => (
        <rect
          key={`g${at}`}
          class="ghost"
          x={at + 0.04}
          y={HEIGHT - height(value)}
          width="0.92"
          height={height(value)}
        />
      ))}
      {bars.map((value, at) => (
        <rect key={at} class={fill} x={at + 0.18} y={HEIGHT - height(value)} width="0.64" height={height(value)} />
      ))}
    </svg>
  );
}
