// The command box: a plain input at first paint, replaced by the editor once that is loaded.
import { signal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ParsedQuery, QueryHint } from "../api/types";
import { t, tCode } from "../i18n";
import { entityPath } from "../lib/entities";
import { indexFor } from "../lib/query";
import { navigate } from "../router";
import { entityNamed, offer } from "../state/command";
import { focusCommand } from "../state/keys";
import { parse } from "../state/parse";
import { parsed, phase, refresh, setView, view } from "../state/search";
import { logTypes } from "../state/session";
import type { Editor } from "./editor";
import { Icon } from "./icons";
import { Short } from "./Text";

const PARSE_DELAY_MS = 150;

/** What is typed, and what the server thinks of it. */
const draft = signal("");
const opinion = signal<ParsedQuery>({ dsl: null, errors: [], hints: [] });

let parseTimer: ReturnType<typeof setTimeout> | undefined;

function typed(value: string): void {
  draft.value = value;
  clearTimeout(parseTimer);
  if (!value.trim()) {
    opinion.value = { dsl: null, errors: [], hints: [] };
    return;
  }
  parseTimer = setTimeout(async () => {
    try {
      const answer = await parse(value.trimEnd(), view.peek().lang, indexFor(view.peek().ix, logTypes.peek()));
      if (draft.peek() === value) opinion.value = answer;
    } catch {
      // No answer: the search itself will tell.
    }
  }, PARSE_DELAY_MS);
}

/** Puts the typed query into the URL; the same query again means: search again. */
function run(): void {
  const q = draft.peek().trim();
  if (q === view.peek().q) refresh();
  else setView({ q });
}

/** Enter: the page of an entity when the whole text is one, otherwise the query. */
async function enter(): Promise<void> {
  const q = draft.peek().trim();
  const entity = q === view.peek().q ? null : await entityNamed(q);
  if (q !== draft.peek().trim()) return;
  if (entity) navigate(entityPath(entity));
  else run();
}

export function CommandBox() {
  const input = useRef<HTMLInputElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | null>(null);
  const composing = useRef(false);

  // The query in the URL is the truth: back, forward and links bring it into the box.
  useSignalEffect(() => {
    const { q } = view.value;
    draft.value = q;
    editor.current?.setValue(q);
    if (input.current) input.current.value = q;
  });
  useSignalEffect(() => void (opinion.value = parsed.value));
  useSignalEffect(() => {
    const { errors } = opinion.value;
    editor.current?.setErrors(errors);
  });
  useSignalEffect(() => {
    const texts = [t("bar.query"), t("bar.placeholder")] as const;
    editor.current?.setTexts(...texts);
  });

  useEffect(() => {
    let gone = false;
    const leave = () => (document.activeElement as HTMLElement | null)?.blur();
    const upgrade = async () => {
      const { createEditor } = await import("./editor");
      const plain = input.current;
      if (gone || editor.current || !host.current || !plain) return;
      if (composing.current) {
        plain.addEventListener("compositionend", () => setTimeout(upgrade), { once: true });
        return;
      }
      const focused = document.activeElement === plain;
      const { selectionStart, selectionEnd } = plain;
      editor.current = createEditor({
        host: host.current,
        value: plain.value,
        label: t("bar.query"),
        placeholder: t("bar.placeholder"),
        onChange: typed,
        onEnter: () => void enter(),
        onEscape: leave,
        offer,
        onAct: leave,
      });
      editor.current.setErrors(opinion.peek().errors);
      plain.hidden = true;
      host.current.hidden = false;
      if (focused) editor.current.focus(selectionStart ?? 0, selectionEnd ?? 0);
    };
    // The editor may wait: rows come first.
    const stop = phase.subscribe((now) => {
      if (now === "ready") setTimeout(() => void upgrade(), 50);
    });
    const plain = input.current;
    plain?.addEventListener("focus", upgrade, { once: true });
    focusCommand.run = () => {
      if (editor.current) editor.current.focus();
      else plain?.select();
    };
    return () => {
      gone = true;
      stop();
      focusCommand.run = () => {};
    };
  }, []);

  return (
    <div class="command" data-bad={opinion.value.errors.length > 0}>
      <Icon name="search" />
      <input
        ref={input}
        class="command-input mono"
        type="text"
        spellcheck={false}
        autocomplete="off"
        enterkeyhint="search"
        aria-label={t("bar.query")}
        placeholder={t("bar.placeholder")}
        defaultValue={view.peek().q}
        onCompositionStart={() => (composing.current = true)}
        onCompositionEnd={() => (composing.current = false)}
        onInput={(event) => typed(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.isComposing && event.keyCode !== 229) void enter();
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <div ref={host} class="command-host" hidden />
      <kbd class="command-key">/</kbd>
      <select
        class="command-language"
        aria-label={t("bar.language")}
        value={view.value.lang}
        onChange={(event) =>
          setView({ lang: event.currentTarget.value === "lucene" ? "lucene" : "kql", q: draft.peek().trim() })
        }
      >
        <option value="kql">KQL</option>
        <option value="lucene">Lucene</option>
      </select>
      <button
        type="button"
        class="icon-button"
        aria-label={t("bar.run")}
        title={`${t("bar.run")} (Enter)`}
        onClick={run}
      >
        <span aria-hidden="true">⏎</span>
      </button>
    </div>
  );
}

/** Errors and hints below the bar. */
export function QueryNotes() {
  const { errors, hints } = opinion.value;
  if (errors.length === 0 && hints.length === 0) return null;
  return (
    <div class="query-notes" role="status" data-test="query-notes">
      {errors.slice(0, 3).map((error) => (
        <p key={`${error.from} ${error.code}`} class="query-note bad">
          <span class="shape" aria-hidden="true">
            ✕
          </span>
          <span>{tCode("query.error", error.code, "query.error.other", quoted(error.params))}</span>
          <code>
            <Short text={draft.value.slice(error.from, Math.max(error.to, error.from + 1))} limit={60} />
          </code>
        </p>
      ))}
      {hints.slice(0, 3).map((hint) => (
        <Hint key={`${hint.code} ${hint.did_you_mean}`} hint={hint} />
      ))}
    </div>
  );
}

function quoted(params: Record<string, string | number> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, `“${value}”`]));
}

function Hint({ hint }: { hint: QueryHint }) {
  const { from, to, code, did_you_mean: better } = hint;
  const field = `“${hint.field ?? draft.value.slice(from, to)}”`;
  const text =
    code === "unknown_field" && !better
      ? t("query.hint.unknown_field.bare", { field })
      : tCode("query.hint", code, "query.hint.other", { field });
  const apply = () => {
    const q = draft.peek();
    if (better) setView({ q: (q.slice(0, from) + better + q.slice(to)).trim() });
  };
  return (
    <p class="query-note">
      <span class="shape" aria-hidden="true">
        ?
      </span>
      <span>
        <Short text={text} limit={160} />
      </span>
      {better && (
        <button type="button" class="chip-button mono" onClick={apply} title={t("bar.apply")}>
          {better}
        </button>
      )}
    </p>
  );
}
