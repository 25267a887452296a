// The button that shows a chart as a table, and the other way round.
import { t } from "../i18n";
import { IconButton } from "./IconButton";
import { type IconName } from "./icons";

interface Props {
  asTable: boolean;
  chart?: IconName;
  onToggle: (asTable: boolean) => void;
}

export function TableToggle({ asTable, chart = "chart", onToggle }: Props) {
  const label = t(asTable ? "chart.chart" : "chart.table");
  return (
    <IconButton icon={asTable ? chart : "table"} label={label} pressed={asTable} onClick={() => onToggle(!asTable)} />
  );
}
