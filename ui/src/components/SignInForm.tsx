// User and password, on the sign-in page and over a page whose session has ended.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { ApiError, signIn } from "../api/client";
import { t } from "../i18n";
import { loadLogTypes, startSession } from "../state/session";
import { errorText } from "./Messages";

interface Props {
  message: string;
  onDone: () => void;
  children: ComponentChildren;
}

export function SignInForm({ message: first, onDone, children }: Props) {
  const [message, setMessage] = useState(first);
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    try {
      await signIn(String(form.get("user") ?? ""), String(form.get("password") ?? ""));
      await startSession();
      loadLogTypes(true).catch(() => {});
      onDone();
    } catch (error) {
      const known = error instanceof ApiError ? error : new ApiError(0, "offline");
      setMessage(known.status === 401 ? t("signin.wrong") : errorText(known));
      setBusy(false);
    }
  };
  return (
    <form class="signin-box" onSubmit={submit}>
      {children}
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
  );
}
