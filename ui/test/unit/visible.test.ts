// Hidden characters become marks; everything else is left as it is.
import { describe, expect, it } from "vitest";
import { codePointName, cutText, segments } from "../../src/lib/visible";

const shown = (text: string, multiline = false) =>
  segments(text, multiline)
    .map((part) => part.mark ?? part.text)
    .join("|");

describe("hidden characters", () => {
  it.each([
    ["plain 日本語 ü 🇯🇵", "plain 日本語 ü 🇯🇵"],
    ["a\u202Eb", "a|U+202E|b"],
    ["\u0000", "U+0000"],
    ["a\u200Bb\uFEFF", "a|U+200B|b|U+FEFF"],
    ["\u2066x\u2069", "U+2066|x|U+2069"],
    ["a\nb\tc\r", "a|U+000A|b|U+0009|c|U+000D"],
    ["\u001b[31m", "U+001B|[31m"],
    ["\u{E0041}", "U+E0041"],
    ["\ud83d", "U+D83D"],
    ["x\u0085\u00ad", "x|U+0085|U+00AD"],
    ["", ""],
  ])("%j", (text, expected) => expect(shown(text)).toBe(expected));
  it("keeps line breaks where white space is kept", () => expect(shown("a\nb\t\r", true)).toBe("a\nb\t|U+000D"));
  it("loses nothing", () => {
    const text = "a\u202Eb\u0000\ud800c";
    expect(
      segments(text)
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
  });
  it("is named", () =>
    expect([codePointName("\u202E"), codePointName("\u0001")]).toEqual(["right-to-left override", "U+0001"]));
});

describe("cutting", () => {
  it("never splits a surrogate pair", () => expect(cutText("ab😀cd", 3)).toEqual({ text: "ab", cut: 4 }));
  it("leaves short text alone", () => expect(cutText("abc", 3)).toEqual({ text: "abc", cut: 0 }));
});
