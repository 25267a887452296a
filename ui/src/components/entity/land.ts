// The land of the world as dots, 4 degrees apart: rows from 78° north to 54° south, 90 columns from the west.
// Made from Natural Earth's 1:110m land, which is in the public domain; each row is 90 bits in hexadecimal.
const ROWS = [
  "000003dfff00c0000200000",
  "00030781ff0000303f80000",
  "0fcffdf1ff001023fffff90",
  "bfffffffffff02000000000",
  "0ffffc304003ffffffffff8",
  "061ffc3800019fffffff0c0",
  "000ffffe0019ffffffff080",
  "0007fffa000fffffffff800",
  "0003fff8000fffbffffe000",
  "0003ffe0001cb5bffffc800",
  "0003ffc00018afffffe8000",
  "0001ffc0001f03ffffe2000",
  "0000ff80003fffffffe0000",
  "00007800007fffdfffe0000",
  "00003840007ffdf3ffc0000",
  "00001e00007fffe1cf10000",
  "00000300007fff808710000",
  "0000003c007fffc08100000",
  "0000003f003fff800200000",
  "0000007f8001ff000660000",
  "0000007fc001fe0002d3000",
  "0000007ff000fe000101c00",
  "0000007ff000fe000000000",
  "0000003fe000fe40000e800",
  "0000001fe000fc80001fc00",
  "0000001fe000fc80003fe00",
  "0000001f80007800007fe00",
  "0000001f80007800003fe00",
  "0000001f000020000021e00",
  "0000001e000000000000c04",
  "00000038000000000000408",
  "00000030000000000000010",
  "00000030000000000000000",
  "00000010000000000000000",
];
const STEP = 4;
const NORTH = 78;

/** Size of the map in its own units. */
export const MAP_WIDTH = 90;
export const MAP_HEIGHT = ROWS.length;

/** All dots as one path; each is a line without length, drawn with round ends. */
export const LAND = ROWS.flatMap((row, y) =>
  [...row].flatMap((digit, at) =>
    [0, 1, 2, 3]
      .filter((bit) => (parseInt(digit, 16) >> (3 - bit)) & 1)
      .map((bit) => `M${at * 4 + bit + 0.5} ${y + 0.5}h0`),
  ),
).join("");

/** Where a place is on the map. */
export function onMap(lon: number, lat: number): { x: number; y: number } {
  return {
    x: Math.min(MAP_WIDTH, Math.max(0, (lon + 180) / STEP)),
    y: Math.min(MAP_HEIGHT, Math.max(0, (NORTH + STEP / 2 - lat) / STEP)),
  };
}
