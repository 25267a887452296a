// The original line of an event: re-indented or exact, with the object it came from.
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { placeOf, valueAt } from "../lib/document";
import { prettyJson, type Token } from "../lib/json-text";
import { copyText } from "../state/live";
import { IconButton } from "./IconButton";
import { Icon } from "./icons";
import { Long, marked } from "./Text";

/** Tokens drawn in colour; beyond this the text is shown without. */
const MAX_TOKENS = 6000;
const EXACT_LIMIT = 20_000;

export function RawView({ source }: { source: Record<string, unknown> }) {
  const [exact, setExact] = useState(false);
  const stored = valueAt(source, "@message");
  const raw = stored ?? JSON.stringify(source);
  const tokens = exact ? null : prettyJson(raw);
  const canPretty = prettyJson(raw) !== null;
  return (
    <div class="raw">
      <ObjectLine bucket={valueAt(source, "@log_s3bucket")} objectKey={valueAt(source, "@log_s3key")} />
      {stored === undefined && <p class="hint">{t("detail.noRaw")}</p>}
      <div class="raw-bar">
        {canPretty && (
          <span class="segmented" role="group">
            <button type="button" aria-pressed={!exact} onClick={() => setExact(false)}>
              {t("detail.pretty")}
            </button>
            <button type="button" aria-pressed={exact} onClick={() => setExact(true)}>
              {t("detail.exact")}
            </button>
          </span>
        )}
        <button type="button" class="chip-button" onClick={() => void copyText(raw)}>
          <Icon name="copy" size={14} /> {t("detail.copyRaw")}
        </button>
        <button type="button" class="chip-button" onClick={() => void copyText(JSON.stringify(source, null, 2))}>
          <Icon name="copy" size={14} /> {t("detail.copyJson")}
        </button>
      </div>
      <pre class="raw-text" tabIndex={0} data-test="raw-text">
        {tokens ? <Tokens tokens={tokens} /> : <Long text={raw} limit={EXACT_LIMIT} multiline />}
      </pre>
    </div>
  );
}

function Tokens({ tokens }: { tokens: Token[] }) {
  if (tokens.length > MAX_TOKENS)
    return <Long text={tokens.map((token) => token.text).join("")} limit={EXACT_LIMIT} multiline />;
  return (
    <>
      {tokens.map((token, at) =>
        token.kind === "plain" ? (
          token.text
        ) : (
          <span key={at} class={`json-${token.kind}`}>
            {token.text.length > 2000 ? <Long text={token.text} limit={2000} /> : marked(token.text)}
          </span>
        ),
      )}
    </>
  );
}

function ObjectLine({ bucket, objectKey }: { bucket: string | undefined; objectKey: string | undefined }) {
  if (!objectKey) return null;
  const path = placeOf(bucket ?? "", objectKey);
  return (
    <p class="object-line">
      <span class="field-label">{t("detail.object")}</span>
      <span class="mono">
        <Long text={path} limit={400} />
      </span>
      <IconButton icon="copy" label={t("value.copy")} size={14} onClick={() => void copyText(path)} />
    </p>
  );
}
