// The list of keyboard shortcuts, as a native dialog.
import { useEffect, useRef } from "preact/hooks";
import { t, type Key } from "../i18n";
import { helpOpen } from "../state/keys";
import { IconButton } from "./IconButton";

const GROUPS: { title: Key; keys: [string[], Key][] }[] = [
  {
    title: "help.group.move",
    keys: [
      [["/", "Ctrl K"], "help.command"],
      [["j", "k", "↓", "↑"], "help.rows"],
      [["←", "→"], "help.cells"],
      [["Enter"], "help.open"],
      [["Esc"], "help.escape"],
      [["g s", "g e"], "help.go"],
      [["u"], "help.undo"],
    ],
  },
  {
    title: "help.group.value",
    keys: [
      [["+", "-"], "help.only"],
      [["p"], "help.entity"],
      [["y"], "help.copy"],
      [["a"], "help.column"],
      [["v"], "help.top"],
    ],
  },
  {
    title: "help.group.event",
    keys: [
      [["r"], "help.raw"],
      [["s"], "help.around"],
      [["x", "Shift"], "help.select"],
    ],
  },
  {
    title: "help.group.view",
    keys: [
      [["c"], "help.compare"],
      [["["], "help.earlier"],
      [["]"], "help.later"],
      [["z"], "help.zoom"],
      [["Alt"], "help.explain"],
      [["f"], "help.fields"],
      [["y"], "help.link"],
      [["t"], "help.theme"],
      [["?"], "help.help"],
    ],
  },
];

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const close = () => (helpOpen.value = false);
  return (
    <dialog
      ref={dialog}
      class="dialog wide"
      aria-label={t("help.title")}
      onClose={close}
      onClick={(event) => event.target === dialog.current && close()}
      onKeyDown={(event) => event.key === "?" && close()}
    >
      <header class="dialog-head">
        <h2>{t("help.title")}</h2>
        <IconButton icon="close" label={t("help.close")} onClick={close} />
      </header>
      <div class="key-groups">
        {GROUPS.map(({ title, keys: list }) => (
          <section key={title}>
            <h3>{t(title)}</h3>
            <dl class="keys">
              {list.map(([keys, text]) => (
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
          </section>
        ))}
      </div>
      <p class="hint help-foot">{t("help.letters")}</p>
    </dialog>
  );
}
