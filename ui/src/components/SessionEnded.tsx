// The session ended while the page was in use: what is shown stays, and signing in again goes on from here.
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { goOn } from "../state/session";
import { SignInForm } from "./SignInForm";

export function SessionEnded() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-label={t("signin.title")}
      data-test="session-ended"
      // There is nothing to go on with without a session.
      onCancel={(event) => event.preventDefault()}
    >
      <SignInForm message={t("signin.again")} onDone={goOn}>
        <h2>{t("signin.title")}</h2>
      </SignInForm>
    </dialog>
  );
}
