// What to do while there are no logs yet: three steps.
import { t, type Key } from "../../i18n";
import { copyText } from "../../state/live";
import { IconButton } from "../IconButton";

const STEPS: { title: Key; text: Key; command: string }[] = [
  { title: "home.step1", text: "home.step1.text", command: "yagura load ./logs" },
  { title: "home.step2", text: "home.step2.text", command: "yagura parse FILE --key KEY --explain" },
  { title: "home.step3", text: "home.step3.text", command: "yagura serve --watch ./incoming" },
];

export function Steps({ onCheck }: { onCheck: () => void }) {
  return (
    <div class="home-inner">
      <img src="/favicon.svg" alt="" width="56" height="56" />
      <h2>{t("home.title")}</h2>
      <p class="intro">{t("home.intro")}</p>
      <ol>
        {STEPS.map(({ title, text, command }) => (
          <li key={title}>
            <h3>{t(title)}</h3>
            <p>{t(text)}</p>
            <p class="command-line mono">
              <code>{command}</code>
              <IconButton icon="copy" label={t("value.copy")} size={14} onClick={() => void copyText(command)} />
            </p>
          </li>
        ))}
      </ol>
      <button type="button" class="button primary" onClick={onCheck}>
        {t("home.check")}
      </button>
    </div>
  );
}
