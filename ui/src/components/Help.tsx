// The list of keyboard shortcuts, as a native dialog.
import { useEffect, useRef } from "preact/hooks";
import { t, type Key } from "../i18n";
import { helpOpen } from "../state/keys";
import { Icon } from "./icons";

const KEYS: [string[], Key][] = [
  [["/", "Ctrl K"], "help.command"],
  [["j", "k", "↓", "↑"], "help.rows"],
  [["←", "→"], "help.cells"],
  [["Enter"], "help.open"],
  [["Esc"], "help.escape"],
  [["+", "-"], "help.only"],
  [["a"], "help.column"],
  [["r"], "help.raw"],
  [["f"], "help.fields"],
  [["y"], "help.link"],
  [["z"], "help.zoom"],
  [["[", "]"], "help.shift"],
  [["u"], "help.undo"],
  [["t"], "help.theme"],
  [["?"], "help.help"],
];

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = helpOpen.value;
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  const close = () => (helpOpen.value = false);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-label={t("help.title")}
      onClose={close}
      onClick={(event) => event.target === dialog.current && close()}
      onKeyDown={(event) => event.key === "?" && close()}
    >
      <header class="dialog-head">
        <h2>{t("help.title")}</h2>
        <button type="button" class="icon-button" aria-label={t("help.close")} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <dl class="keys">
        {KEYS.map(([keys, text]) => (
          <div key={text}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
