// Why is my log not here? The answer in a sentence, then the steps that lead to it.
import { useState } from "preact/hooks";
import { explainKey } from "../../api/client";
import type { Whereabouts as Answer } from "../../api/types";
import { formatNumber, t, tCode, tn } from "../../i18n";
import { placeOf } from "../../lib/document";
import { formatTime, iso, SECOND } from "../../lib/time";
import { readState, writeState } from "../../lib/url-state";
import { zone } from "../../state/settings";
import { Icon } from "../icons";
import { ErrorNote } from "../Messages";
import { Long, Short } from "../Text";
import { useAnswer } from "../useAnswer";
import { useParam } from "../usePaged";

const GOOD = new Set(["here"]);
const NEUTRAL = new Set(["all_excluded", "empty", "left_out"]);

export function WhereaboutsPanel() {
  const [key, setKey] = useParam("key");
  const [typed, setTyped] = useState(key);
  const answer = useAnswer(key ? key : null, (signal) => explainKey(key, signal));
  return (
    <section class="panel" data-test="whereabouts">
      <header class="panel-head">
        <h2>
          <label for="key">{t("sources.why")}</label>
        </h2>
      </header>
      <form
        class="why-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() === key) answer.reload();
          else setKey(typed.trim());
        }}
      >
        <input
          id="key"
          class="input mono"
          value={typed}
          autocomplete="off"
          spellcheck={false}
          placeholder={t("sources.why.placeholder")}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="submit" class="button primary">
          {t("sources.why.ask")}
        </button>
      </form>
      {answer.loading && <p class="panel-body hint">{t("list.loading")}</p>}
      {answer.error && answer.error.code !== "offline" && <ErrorNote error={answer.error} onRetry={answer.reload} />}
      {answer.data && !answer.loading && <Result answer={answer.data} />}
    </section>
  );
}

function Result({ answer }: { answer: Answer }) {
  const { verdict, route, objects, is_part, dead_letters, events, key } = answer;
  const tone = GOOD.has(verdict) ? "good" : NEUTRAL.has(verdict) ? "warn" : "bad";
  const object = is_part ? undefined : objects[0];
  const excluded = object?.excluded ?? [];
  const [first, last] = [Date.parse(events.first ?? ""), Date.parse(events.last ?? "")];
  const events_url = `/search${writeState({
    ...readState(""),
    filters: [{ field: "@log_s3key", value: key }],
    ...(events.total > 0 ? { from: iso(first - SECOND), to: iso(last + SECOND) } : { from: "all", to: "now" }),
  })}`;
  return (
    <div class="why-result" role="status">
      <p class="verdict" data-tone={tone} data-test="verdict" data-verdict={verdict}>
        <span aria-hidden="true">{tone === "good" ? "✓" : tone === "warn" ? "△" : "✕"}</span>{" "}
        {tCode("sources.verdict", verdict, "sources.verdict.other")}
      </p>
      <ol class="steps">
        <li data-state={route.log_type || route.by_content ? "good" : "bad"}>
          <h3>{t("sources.step.route")}</h3>
          {route.log_type ? (
            <p>
              {t("sources.route.to", { type: route.log_type, index: route.matches[0]?.index ?? "" })}{" "}
              <code>
                <Short text={route.matches[0]?.pattern ?? ""} limit={120} />
              </code>
            </p>
          ) : (
            <p>
              {route.by_content
                ? t("sources.route.content")
                : tCode("sources.ignored", route.ignored ?? "unknown", "sources.ignored.other")}
            </p>
          )}
          {route.matches.length > 1 && (
            <p class="hint">
              {t("sources.route.also", {
                types: route.matches
                  .slice(1)
                  .map(({ log_type }) => log_type)
                  .join(", "),
              })}
            </p>
          )}
          {route.similar.length > 0 && (
            <>
              <p>{t("sources.route.similar")}</p>
              <ul class="similar" data-test="similar">
                {route.similar.map(({ log_type, pattern }) => (
                  <li key={log_type}>
                    <b>
                      <Short text={log_type} limit={40} />
                    </b>{" "}
                    <code>
                      <Short text={pattern} limit={160} />
                    </code>
                  </li>
                ))}
              </ul>
            </>
          )}
        </li>
        <li data-state={object ? (object.status === "loaded" ? "good" : "bad") : "none"}>
          <h3>{t("sources.step.read")}</h3>
          {object ? (
            <p>
              {t(`ledger.status.${object.status}`)} · {formatTime(Date.parse(object.finished), zone.value)}
              {object.status_reason && (
                <>
                  {" · "}
                  <Short text={object.status_reason} limit={200} />
                </>
              )}
            </p>
          ) : (
            <p>{t(objects.length > 0 ? "sources.read.part" : "sources.read.never")}</p>
          )}
          {!object && objects.length > 0 && (
            <ul class="similar mono">
              {objects.slice(0, 5).map((other) => (
                <li key={other.id}>
                  <a class="value-link" href={`/sources?key=${encodeURIComponent(other.key)}`}>
                    <Short text={placeOf(other.bucket, other.key)} limit={200} />
                  </a>
                </li>
              ))}
            </ul>
          )}
        </li>
        {object && (
          <li data-state={object.failed > 0 ? "bad" : object.documents > 0 ? "good" : "none"}>
            <h3>{t("sources.step.records")}</h3>
            <p data-test="balance">
              {t("sources.records", {
                read: formatNumber(object.read),
                documents: formatNumber(object.documents),
                excluded: formatNumber(excluded.reduce((sum, { count }) => sum + count, 0)),
                failed: formatNumber(object.failed),
              })}
            </p>
            {excluded.map(({ reason, count }) => (
              <p key={reason} class="hint">
                {t("sources.excluded", { n: formatNumber(count), reason })}
              </p>
            ))}
            {dead_letters.map(({ reason, count }) => (
              <p key={reason}>
                <a href={`/dead-letters?object=${encodeURIComponent(object.id)}`}>
                  {t("sources.dead", { n: formatNumber(count), reason })}
                </a>
              </p>
            ))}
          </li>
        )}
        <li data-state={events.total > 0 ? "good" : "none"}>
          <h3>{t("sources.step.events")}</h3>
          {events.total > 0 ? (
            <p>
              {tn("result.events", events.total)} · {formatTime(first, zone.value)} – {formatTime(last, zone.value)}{" "}
              <a class="button" href={events_url} data-test="why-search">
                <Icon name="search" size={14} /> {t("sources.open")}
              </a>
            </p>
          ) : (
            <p>{t("sources.events.none")}</p>
          )}
        </li>
      </ol>
      <p class="hint mono why-key">
        <Long text={placeOf(answer.bucket ?? "", key)} limit={200} />
      </p>
    </div>
  );
}
