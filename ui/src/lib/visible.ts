// Makes characters that a reader cannot see, or that change the order of text, visible as labelled code points.
//
// Log text is written by attackers: a right-to-left override can make `exe.txt` out of `txt.exe`,
// a NUL or a zero-width space can hide a difference. Every such character becomes its own segment.

/** A run of ordinary text, or one character that must be shown by its label. */
export type Segment = { text: string; mark?: undefined } | { text: string; mark: string; name: string };

const NAMES: Record<number, string> = {
  0x00: "NUL",
  0x07: "BEL",
  0x08: "BS",
  0x09: "TAB",
  0x0a: "LF",
  0x0b: "VT",
  0x0c: "FF",
  0x0d: "CR",
  0x1b: "ESC",
  0x7f: "DEL",
  0x85: "NEL",
  0xad: "soft hyphen",
  0x61c: "Arabic letter mark",
  0x180e: "Mongolian vowel separator",
  0x200b: "zero-width space",
  0x200c: "zero-width non-joiner",
  0x200d: "zero-width joiner",
  0x200e: "left-to-right mark",
  0x200f: "right-to-left mark",
  0x2028: "line separator",
  0x2029: "paragraph separator",
  0x202a: "left-to-right embedding",
  0x202b: "right-to-left embedding",
  0x202c: "pop directional formatting",
  0x202d: "left-to-right override",
  0x202e: "right-to-left override",
  0x2060: "word joiner",
  0x2066: "left-to-right isolate",
  0x2067: "right-to-left isolate",
  0x2068: "first strong isolate",
  0x2069: "pop directional isolate",
  0xfeff: "byte order mark",
  0xfffd: "replacement character",
};

// C0 and C1 controls, soft hyphen, bidirectional controls, zero-width characters, line separators,
// interlinear annotation, lone surrogates and the invisible tag characters.
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\p{Cs}\u{e0000}-\u{e007f}]/gu;

/** `U+202E` for a character. */
export function codePointLabel(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The name of a hidden character, or its code point when it has no common name. */
export function codePointName(char: string): string {
  return NAMES[char.codePointAt(0) ?? 0] ?? codePointLabel(char);
}

/**
 * Splits a text into ordinary runs and marks.
 *
 * With `multiline`, line feeds and tabs stay in the text because the caller keeps white space.
 */
export function segments(text: string, multiline = false): Segment[] {
  // Nearly all texts are ordinary.
  if (text !== "" && text.search(HIDDEN) < 0) return [{ text }];
  const out: Segment[] = [];
  let start = 0;
  for (const match of text.matchAll(HIDDEN)) {
    const char = match[0];
    if (multiline && (char === "\n" || char === "\t")) continue;
    if (match.index > start) out.push({ text: text.slice(start, match.index) });
    out.push({ text: char, mark: codePointLabel(char), name: codePointName(char) });
    start = match.index + char.length;
  }
  if (start < text.length) out.push({ text: text.slice(start) });
  return out;
}

/** Cuts a text without splitting a surrogate pair; `cut` is the number of UTF-16 units left out. */
export function cutText(text: string, limit: number): { text: string; cut: number } {
  if (text.length <= limit) return { text, cut: 0 };
  const last = text.charCodeAt(limit - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit;
  return { text: text.slice(0, end), cut: text.length - end };
}
