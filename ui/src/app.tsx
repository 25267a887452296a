// The frame around every page: rail, banner, live region, help; and which page a path shows.
import { OfflineBanner } from "./components/Messages";
import { PageHead } from "./components/PageHead";
import { Rail } from "./components/Rail";
import { t } from "./i18n";
import { lazy, lazyPart } from "./components/lazy";
import { SearchPage } from "./pages/Search";
import { matchRoute, place } from "./router";
import { helpOpen, settingsOpen } from "./state/keys";
import { announcement, note } from "./state/live";
import { sessionEnded } from "./state/session";

const Help = lazyPart(() => import("./components/Help").then((module) => module.Help));
const Settings = lazyPart(() => import("./components/Settings").then((module) => module.Settings));
const SessionEnded = lazyPart(() => import("./components/SessionEnded").then((module) => module.SessionEnded));
const DeadLettersPage = lazy(() => import("./pages/DeadLetters").then((module) => module.DeadLettersPage));
const DocumentPage = lazy(() => import("./pages/Document").then((module) => module.DocumentPage));
const EntityPage = lazy(() => import("./pages/Entity").then((module) => module.EntityPage));
const HomePage = lazy(() => import("./pages/Home").then((module) => module.HomePage));
const LedgerPage = lazy(() => import("./pages/Ledger").then((module) => module.LedgerPage));
const SourcesPage = lazy(() => import("./pages/Sources").then((module) => module.SourcesPage));
const SignInPage = lazy(() => import("./pages/SignIn").then((module) => module.SignInPage));

function Page() {
  const route = matchRoute(place.value.path);
  switch (route.page) {
    case "home":
      return <HomePage />;
    case "search":
      return <SearchPage />;
    case "entity":
      return <EntityPage key={`${route.type}/${route.value}`} type={route.type} value={route.value} />;
    case "sources":
      return <SourcesPage />;
    case "dead-letters":
      return <DeadLettersPage />;
    case "ledger":
      return <LedgerPage />;
    case "doc":
      return <DocumentPage key={`${route.index}/${route.id}`} index={route.index} id={route.id} />;
    case "sign-in":
      return <SignInPage />;
    case "not-found":
      return (
        <>
          <PageHead title={t("notFound.title")} />
          <main class="page empty" id="content">
            <a class="button" href="/search">
              {t("notFound.back")}
            </a>
          </main>
        </>
      );
  }
}

export function App() {
  const signingIn = place.value.path === "/sign-in";
  return (
    <div class={signingIn ? "shell bare" : "shell"}>
      <button
        type="button"
        class="skip"
        onClick={() => document.querySelector<HTMLElement>('#content [tabindex="0"], #content')?.focus()}
      >
        {t("app.skip")}
      </button>
      {!signingIn && <Rail />}
      <Page />
      <OfflineBanner />
      {helpOpen.value && <Help />}
      {settingsOpen.value && <Settings />}
      {sessionEnded.value && <SessionEnded />}
      <div class="off-screen" role="status" aria-live="polite">
        {announcement.value}
      </div>
      {note.value && (
        <div class="note" aria-hidden="true">
          {note.value}
        </div>
      )}
    </div>
  );
}
