// The search field of a list page and the button that loads more of it.
import { useRef } from "preact/hooks";
import { t } from "../i18n";

const DELAY_MS = 250;

export function ListSearch({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  return (
    <input
      class="input list-search"
      type="search"
      aria-label={label}
      placeholder={label}
      defaultValue={value}
      onInput={(event) => {
        const next = event.currentTarget.value;
        clearTimeout(timer.current);
        timer.current = setTimeout(() => onChange(next.trim()), DELAY_MS);
      }}
    />
  );
}

export function MoreButton({ more, loading, onClick }: { more: boolean; loading: boolean; onClick: () => void }) {
  if (!more) return null;
  return (
    <button type="button" class="button more" disabled={loading} onClick={onClick}>
      {t(loading ? "list.loading" : "list.more")}
    </button>
  );
}
