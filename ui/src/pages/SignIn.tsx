// The sign-in page; afterwards the reader is back at the view they came for.
import { useState } from "preact/hooks";
import { ApiError, signIn } from "../api/client";
import { errorText } from "../components/Messages";
import { t } from "../i18n";
import { navigate, place, safeNext } from "../router";
import { loadLogTypes, startSession } from "../state/session";

export function SignInPage() {
  const next = new URLSearchParams(place.value.search).get("next");
  const [message, setMessage] = useState(next ? t("signin.ended") : "");
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    try {
      await signIn(String(form.get("user") ?? ""), String(form.get("password") ?? ""));
      await startSession();
      loadLogTypes(true).catch(() => {});
      const target = safeNext(next);
      // A short link is resolved by the server.
      if (target.startsWith("/l/")) location.replace(target);
      else navigate(target, "replace");
    } catch (error) {
      const known = error instanceof ApiError ? error : new ApiError(0, "offline");
      setMessage(known.status === 401 ? t("signin.wrong") : errorText(known));
      setBusy(false);
    }
  };
  return (
    <main class="signin" id="content">
      <form class="signin-box" onSubmit={submit}>
        <img src="/favicon.svg" alt="Yagura" width="48" height="48" />
        <h1>{t("signin.title")}</h1>
        {message && (
          <p class="hint" role="alert">
            {message}
          </p>
        )}
        <label>
          <span class="field-label">{t("signin.user")}</span>
          <input class="input" name="user" autocomplete="username" required autofocus />
        </label>
        <label>
          <span class="field-label">{t("signin.password")}</span>
          <input class="input" name="password" type="password" autocomplete="current-password" required />
        </label>
        <button type="submit" class="button primary" disabled={busy}>
          {t("signin.submit")}
        </button>
      </form>
    </main>
  );
}
