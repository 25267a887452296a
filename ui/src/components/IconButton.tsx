// A button that shows an icon; its name is for those who do not see it, and in a hint.
import { Icon, type IconName } from "./icons";

interface Props {
  icon: IconName;
  label: string;
  /** The key that does the same. */
  shortcut?: string;
  class?: string;
  size?: number;
  pressed?: boolean;
  onClick: () => void;
}

export function IconButton({
  icon,
  label,
  shortcut,
  class: className = "icon-button",
  size = 16,
  pressed,
  onClick,
}: Props) {
  return (
    <button
      type="button"
      class={className}
      aria-label={label}
      aria-pressed={pressed}
      title={shortcut ? `${label} (${shortcut})` : label}
      onClick={onClick}
    >
      <Icon name={icon} size={size} />
    </button>
  );
}
