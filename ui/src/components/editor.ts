// The query editor (CodeMirror), loaded after the page is up: undo, error underlines, completion, IME-safe.
//
// It lives in a shadow root because CodeMirror then puts its styles into `adoptedStyleSheets`,
// which the Content-Security-Policy allows, instead of a `<style>` element, which it does not.
import {
  acceptCompletion,
  autocompletion,
  completionStatus,
  startCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { Compartment, EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, keymap, placeholder as placeholderText, type DecorationSet } from "@codemirror/view";
import { cutText, segments } from "../lib/visible";
import type { Item, Offer } from "../state/command";

export interface EditorOptions {
  host: HTMLElement;
  value: string;
  label: string;
  placeholder: string;
  onChange: (value: string) => void;
  onEnter: () => void;
  onEscape: () => void;
  /** What fits the text with the cursor there; asked after each keystroke. */
  offer: (text: string, cursor: number, signal: AbortSignal) => Promise<Offer>;
  /** A line was chosen that does something at once. */
  onAct: () => void;
}

export interface Editor {
  setValue: (value: string) => void;
  setTexts: (label: string, placeholder: string) => void;
  setErrors: (ranges: { from: number; to: number }[]) => void;
  focus: (from?: number, to?: number) => void;
}

const setUnderlines = StateEffect.define<{ from: number; to: number }[]>();
const underline = Decoration.mark({ class: "cm-query-error" });

const underlines = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(current, transaction) {
    let next = current.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setUnderlines)) continue;
      const length = transaction.newDoc.length;
      const ranges = effect.value
        .map(({ from, to }) => widen(from, to, length))
        .filter(({ from, to }) => to > from)
        .map(({ from, to }) => underline.range(from, to));
      next = Decoration.set(ranges, true);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** An error at the very end has no character of its own: the last one is underlined. */
function widen(from: number, to: number, length: number): { from: number; to: number } {
  const end = Math.min(Math.max(to, from), length);
  const start = Math.min(from, end);
  return start < end
    ? { from: start, to: end }
    : { from: Math.max(0, end - 1), to: Math.min(length, Math.max(end, 1)) };
}

const theme = EditorView.theme({
  "&": { fontSize: "13px", color: "var(--text)", backgroundColor: "transparent", flex: "1", minWidth: "0" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "22px", overflowX: "auto", scrollbarWidth: "none" },
  ".cm-content": { padding: "5px 0", caretColor: "var(--text)" },
  ".cm-line": { padding: "0 2px" },
  ".cm-placeholder": {
    color: "var(--text-3)",
    fontFamily: "var(--sans)",
    maxWidth: "100%",
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
  },
  ".cm-query-error": {
    textDecoration: "underline wavy var(--bad) 1.5px",
    textUnderlineOffset: "3px",
    textDecorationSkipInk: "none",
  },
  ".cm-tooltip": {
    background: "var(--raised)",
    border: "1px solid var(--line-2)",
    borderRadius: "6px",
    overflow: "hidden",
    boxShadow: "var(--shadow)",
    marginTop: "8px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--mono)",
    fontSize: "12px",
    maxHeight: "22em",
    minWidth: "340px",
    maxWidth: "min(720px, 90vw)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    display: "flex",
    alignItems: "center",
    gap: "8px",
    minHeight: "26px",
    padding: "2px 10px",
    color: "var(--text)",
  },
  ".cm-sign": { width: "14px", flex: "none", textAlign: "center", color: "var(--text-3)" },
  ".cm-item-entity .cm-sign, .cm-item-saved .cm-sign": { color: "var(--accent)" },
  ".cm-completionLabel": { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  ".cm-completionDetail": {
    marginLeft: "auto",
    paddingLeft: "16px",
    fontStyle: "normal",
    color: "var(--text-3)",
    fontFamily: "var(--sans)",
    whiteSpace: "nowrap",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    background: "var(--accent-soft)",
    color: "var(--text)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", color: "var(--accent)" },
});

const MAX_LABEL = 160;

/** A text from a log with its hidden characters spelled out. */
function readable(text: string): string {
  const { text: head, cut } = cutText(text, MAX_LABEL);
  const shown = segments(head).map((segment) => (segment.mark === undefined ? segment.text : `[${segment.mark}]`));
  return shown.join("") + (cut > 0 ? "…" : "");
}

/** A sign for the kind of a line: told by form, not by colour alone. */
function sign(kind: string | undefined): HTMLElement {
  const element = document.createElement("span");
  element.className = "cm-sign";
  element.textContent = { entity: "↗", field: "▤", value: "=", saved: "★", past: "↺", page: "→" }[kind ?? ""] ?? "";
  element.setAttribute("aria-hidden", "true");
  return element;
}

export function createEditor(options: EditorOptions): Editor {
  const root = options.host.attachShadow({ mode: "open" });
  const texts = new Compartment();
  const describe = (label: string, placeholder: string) => [
    EditorView.contentAttributes.of({ "aria-label": label, "aria-multiline": "false", tabindex: "0" }),
    placeholderText(placeholder),
  ];

  const complete = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const text = context.state.doc.toString();
    // Nothing is offered unasked for an empty box.
    if (text.trim() === "" && !context.explicit) return null;
    const asked = new AbortController();
    context.addEventListener("abort", () => asked.abort());
    const { from, to, items } = await options.offer(text, context.pos, asked.signal);
    if (context.aborted || items.length === 0) return null;
    return { from, to, options: items.map(completionOf), filter: false };
  };

  const completionOf = ({ kind, text, detail, insert }: Item): Completion => ({
    label: readable(text),
    detail,
    type: kind,
    apply: (view, _completion, from, to) => {
      if (typeof insert === "function") {
        options.onAct();
        insert();
        return;
      }
      view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length } });
      // A field goes on with its values.
      if (kind === "field") startCompletion(view);
    },
  });

  const keys = Prec.high(
    keymap.of([
      { key: "Enter", run: () => (options.onEnter(), true) },
      { key: "Escape", run: () => (options.onEscape(), true) },
    ]),
  );

  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: options.value,
      extensions: [
        // One line: a pasted line break becomes a space.
        EditorState.transactionFilter.of((transaction) =>
          transaction.newDoc.lines > 1
            ? [
                {
                  changes: {
                    from: 0,
                    to: transaction.startState.doc.length,
                    insert: transaction.newDoc.toString().replace(/\s*\n\s*/g, " "),
                  },
                  sequential: false,
                },
              ]
            : transaction,
        ),
        history(),
        autocompletion({
          override: [complete],
          icons: false,
          selectOnOpen: false,
          activateOnTypingDelay: 60,
          maxRenderedOptions: 50,
          // What comes late must not take the place of what the reader is about to choose.
          interactionDelay: 0,
          optionClass: ({ type }) => `cm-item-${type}`,
          addToOptions: [{ render: ({ type }) => sign(type), position: 10 }],
        }),
        keymap.of([{ key: "Tab", run: acceptCompletion }]),
        keys,
        keymap.of([...defaultKeymap, ...historyKeymap]),
        underlines,
        theme,
        texts.of(describe(options.label, options.placeholder)),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.onChange(update.state.doc.toString());
          const gained = update.focusChanged && update.view.hasFocus;
          if (gained && update.state.doc.length === 0 && completionStatus(update.state) === null)
            setTimeout(() => startCompletion(update.view));
        }),
      ],
    }),
  });

  return {
    setValue(value) {
      if (value === view.state.doc.toString()) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
    },
    setTexts: (label, placeholder) => view.dispatch({ effects: texts.reconfigure(describe(label, placeholder)) }),
    setErrors: (ranges) => view.dispatch({ effects: setUnderlines.of(ranges) }),
    focus(from, to) {
      view.focus();
      const length = view.state.doc.length;
      view.dispatch({ selection: { anchor: Math.min(from ?? 0, length), head: Math.min(to ?? length, length) } });
    },
  };
}
