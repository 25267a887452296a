// Starts the application.
import "@preact/signals";
import { render } from "preact";
import { App } from "./app";
import { startRouter } from "./router";
import { startKeys } from "./state/keys";
import { loadLogTypes, startSession } from "./state/session";
import { startSettings } from "./state/settings";

startSettings();
startRouter();
startKeys();
void startSession();
loadLogTypes().catch(() => {});

const root = document.getElementById("app");
if (root) {
  root.replaceChildren();
  render(<App />, root);
}
