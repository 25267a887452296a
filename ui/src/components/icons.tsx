// The icons of the page, drawn as strokes in the colour of the text.
const PATHS = {
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Zm4.7-1.8L20 20",
  dead: "M12 3.5 21.5 20h-19L12 3.5ZM12 10v4.5M12 17.4v.2",
  ledger: "M6 3.5h12v17H6zM9 8h6M9 12h6M9 16h3",
  help: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm-2.4-11.3c.1-3.4 5-3 4.8 0-.1 1.7-2.4 1.9-2.4 3.7M12 16.6v.2",
  theme: "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.500 10.500Z",
  close: "M6 6l12 12M18 6 6 18",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  column: "M4 5h16v14H4zM12 5v14",
  refresh: "M19.500 12a7.500 7.500 0 1 1-2.200-5.300L20 9M20 4v5h-5",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5l3.500 2",
  down: "M6 9l6 6 6-6",
  up: "M6 15l6-6 6 6",
  left: "M15 6l-6 6 6 6",
  right: "M9 6l6 6-6 6",
  count: "M6 5h12M6 5l6 7-6 7M6 19h12",
  star: "M12 4l2.400 5.200 5.600.700-4.100 3.900 1.100 5.600L12 16.600 7 19.400l1.100-5.600L4 9.900l5.600-.700Z",
  share: "M12 15V4M8 8l4-4 4 4M5 13v7h14v-7",
  download: "M12 4v11M8 11l4 4 4-4M5 20h14",
  compare: "M4 17l5-6 4 3 7-8M4 20h16",
  list: "M4 6h16M4 12h16M4 18h16",
  lanes: "M4 6h5M12 6h8M4 12h9M16 12h4M4 18h3M10 18h10",
  spark: "M12 3v4M12 17v4M3 12h4M17 12h4M6 6l2.500 2.500M15.500 15.500 18 18M18 6l-2.500 2.500M8.500 15.500 6 18",
  fields: "M4 5h6v14H4zM14 7h6M14 12h6M14 17h6",
  settings:
    "M4 7h9M19 7h1M4 12h3M13 12h7M4 17h7M17 17h3M16 9.300a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600ZM10 14.300a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600ZM14 19.300a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600Z",
  trash: "M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5",
  open: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  link: "M10 14a4 4 0 0 0 5.700 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1",
  table: "M4 5h16v14H4zM4 10h16M4 14.500h16M10 5v14",
  signOut: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
  sources:
    "M12 3.5v6M12 14.500v6M12 12h.01M4.500 7.500l4 2.700M19.500 7.500l-4 2.700M4.500 16.500l4-2.700M19.500 16.500l-4-2.700M12 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z",
  chart: "M4 20V10M9 20V5M14 20v-8M19 20V7",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
