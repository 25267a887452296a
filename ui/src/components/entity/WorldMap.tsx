// The world as dots with one mark; the place stands beside it in words.
import { LAND, MAP_HEIGHT, MAP_WIDTH, onMap } from "./land";

export function WorldMap({ lon, lat, label }: { lon: number; lat: number; label: string }) {
  const { x, y } = onMap(lon, lat);
  return (
    <svg class="world" viewBox={`0 0 ${MAP_WIDTH} ${MAP_HEIGHT}`} role="img" aria-label={label}>
      <path class="world-land" d={LAND} />
      <circle class="world-halo" cx={x} cy={y} r="3.2" />
      <circle class="world-mark" cx={x} cy={y} r="1.1" />
    </svg>
  );
}
