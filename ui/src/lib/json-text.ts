// Re-indents and classifies JSON text without parsing numbers or strings, so that no digit and no escape changes.

export type TokenKind = "key" | "string" | "number" | "word" | "plain";
export interface Token {
  kind: TokenKind;
  text: string;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]|\s+/gy;

/** Longest text that is re-indented; a longer one is shown exactly. */
export const PRETTY_LIMIT = 512 * 1024;

/** Pretty-prints JSON as tokens; `null` when the text is not JSON, or too long. */
export function prettyJson(text: string): Token[] | null {
  const trimmed = text.trim();
  if (!/^[{[]/.test(trimmed) || trimmed.length > PRETTY_LIMIT) return null;
  try {
    JSON.parse(trimmed);
  } catch {
    return null;
  }
  const raw = trimmed.match(TOKEN)?.filter((token) => token.trim() !== "") ?? [];
  const out: Token[] = [];
  let depth = 0;
  const newline = () => `\n${"  ".repeat(Math.min(depth, 64))}`;
  raw.forEach((token, at) => {
    const next = raw[at + 1];
    if (token === "{" || token === "[") {
      const empty = next === "}" || next === "]";
      depth += 1;
      out.push({ kind: "plain", text: empty ? token : token + newline() });
    } else if (token === "}" || token === "]") {
      depth -= 1;
      const empty = raw[at - 1] === "{" || raw[at - 1] === "[";
      out.push({ kind: "plain", text: empty ? token : newline() + token });
    } else if (token === ",") out.push({ kind: "plain", text: `,${newline()}` });
    else if (token === ":") out.push({ kind: "plain", text: ": " });
    else if (token.startsWith('"')) out.push({ kind: next === ":" ? "key" : "string", text: token });
    else out.push({ kind: /^[tfn]/.test(token) ? "word" : "number", text: token });
  });
  return out;
}
