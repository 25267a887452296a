// The flag of a country as text, and whether this machine has a font that draws flags.

/** `🇯🇵` for `JP`; empty for what is no country code. */
export function flagOf(code: string): string {
  if (!/^[A-Za-z]{2}$/.test(code)) return "";
  return String.fromCodePoint(...[...code.toUpperCase()].map((letter) => 0x1f1e6 + letter.charCodeAt(0) - 65));
}

let drawn: boolean | undefined;

/** Whether flags are more than boxes or letters: as one sign a flag is narrower than its two letters apart. */
export function drawsFlags(): boolean {
  if (drawn !== undefined) return drawn;
  const pen = document.createElement("canvas").getContext("2d");
  if (!pen) return (drawn = false);
  pen.font = '16px "Noto Color Emoji", "Apple Color Emoji", "Segoe UI Emoji", sans-serif';
  const width = (text: string) => pen.measureText(text).width;
  return (drawn = width("\u{1f1ef}\u{1f1f5}") < 1.5 * width("\u{1f1ef}"));
}
