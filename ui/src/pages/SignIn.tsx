// The sign-in page; afterwards the reader is back at the view they came for.
import { SignInForm } from "../components/SignInForm";
import { t } from "../i18n";
import { navigate, place, safeNext } from "../router";

export function SignInPage() {
  const next = new URLSearchParams(place.value.search).get("next");
  const goOn = () => {
    const target = safeNext(next);
    // A short link is resolved by the server.
    if (target.startsWith("/l/")) location.replace(target);
    else navigate(target, "replace");
  };
  return (
    <main class="signin" id="content">
      <SignInForm message={next ? t("signin.ended") : ""} onDone={goOn}>
        <img src="/favicon.svg" alt="Yagura" width="48" height="48" />
        <h1>{t("signin.title")}</h1>
      </SignInForm>
    </main>
  );
}
