// A button with a native popover below it, placed so that it stays inside the window.
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef } from "preact/hooks";

interface Props {
  class: string;
  label: string;
  title?: string;
  button: ComponentChildren;
  /** Gets a function that closes the popover. */
  children: (close: () => void) => ComponentChildren;
}

const MARGIN = 8;

export function Popover({ class: className, label, title, button, children }: Props) {
  const opener = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLDivElement>(null);

  const place = useCallback(() => {
    const anchor = opener.current?.getBoundingClientRect();
    const element = box.current;
    if (!anchor || !element) return;
    const left = Math.min(anchor.left, innerWidth - element.offsetWidth - MARGIN);
    element.style.left = `${Math.max(MARGIN, left)}px`;
    element.style.top = `${anchor.bottom + 4}px`;
    element.style.maxHeight = `${innerHeight - anchor.bottom - 4 - MARGIN}px`;
  }, []);
  useEffect(() => () => removeEventListener("resize", place), []);
  const toggle = () => {
    box.current?.togglePopover();
    if (!box.current?.matches(":popover-open")) return;
    place();
    box.current.querySelector<HTMLElement>("input, button")?.focus();
  };
  // An open popover stays inside a window that changes its size.
  const onToggle = ({ newState }: ToggleEvent) => {
    if (newState === "open") addEventListener("resize", place);
    else removeEventListener("resize", place);
  };
  const close = () => {
    box.current?.hidePopover();
    opener.current?.focus();
  };

  return (
    <>
      <button
        ref={opener}
        type="button"
        class={className}
        aria-label={label}
        title={title ?? label}
        aria-haspopup="dialog"
        onClick={toggle}
      >
        {button}
      </button>
      <div ref={box} popover="auto" class="popover" role="dialog" aria-label={label} onToggle={onToggle}>
        {children(close)}
      </div>
    </>
  );
}
