// A page that shows one answer of the server: command box above, progress and errors, the old answer until the new one.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { loadLogTypes } from "../state/session";
import { CommandBox } from "./CommandBox";
import { IconButton } from "./IconButton";
import { ErrorNote } from "./Messages";
import type { Answer } from "./useAnswer";

interface Props<T> {
  answer: Answer<T>;
  name: string;
  class?: string;
  /** What stands beside the command box; a button to ask again unless something else is given. */
  bar?: ComponentChildren;
  /** What is there before the answer. */
  head: ComponentChildren;
  /** Stands in for the answer until it is there. */
  waiting: ComponentChildren;
  children: (data: T) => ComponentChildren;
}

export function AnswerPage<T>({ answer, name, class: className = name, bar, head, waiting, children }: Props<T>) {
  const { data, loading, error, reload } = answer;
  useEffect(() => void loadLogTypes().catch(() => {}), []);
  return (
    <>
      <header class="topbar">
        <CommandBox />
        {bar ?? <IconButton icon="refresh" label={t("home.refresh")} class="bar-button square" onClick={reload} />}
      </header>
      <main class={`page ${className}`} id="content" aria-busy={loading} data-test={name} data-ready={data !== null}>
        {loading && data && <div class="progress" role="progressbar" aria-label={t("result.updating")} />}
        {head}
        {error && error.code !== "offline" && <ErrorNote error={error} onRetry={reload} />}
        {!data && !error && waiting}
        {data && children(data)}
      </main>
    </>
  );
}

/** Panels that will be there, as tall as what comes. */
export function SkeletonPanels({ class: className, lines }: { class: string; lines: number }) {
  return (
    <div class={className} data-columns="3" role="status" aria-busy="true" aria-label={t("list.loading")}>
      {[0, 1, 2].map((at) => (
        <div key={at} class="panel skel-panel">
          {Array.from({ length: lines }, (_, line) => (
            <i key={line} class="skel" />
          ))}
        </div>
      ))}
    </div>
  );
}
