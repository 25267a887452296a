// A small router over path and query string; nothing ever stands after `#`.
import { signal } from "@preact/signals";

/** Where we are. Replaced as a whole on every navigation. */
export interface Place {
  path: string;
  search: string;
}

const read = (): Place => ({ path: location.pathname, search: location.search });

/** The current place; components that read it follow it. */
export const place = signal<Place>(read());

/** How many entries of the history lie behind this one that are ours to go back to. */
const depth = (): number => (typeof history.state?.depth === "number" ? history.state.depth : 0);
export const canGoBack = () => depth() > 0;

/** Goes to a same-origin address, as a new history entry or in place of the current one. */
export function navigate(url: string, how: "push" | "replace" = "push"): void {
  if (url === location.pathname + location.search) return;
  if (how === "push") history.pushState({ depth: depth() + 1 }, "", url);
  else history.replaceState({ depth: depth() }, "", url);
  place.value = read();
}

/** Listens to back, forward and to clicks on links inside the page. */
export function startRouter(): void {
  window.addEventListener("popstate", () => (place.value = read()));
  document.addEventListener("click", (event) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = (event.target as Element | null)?.closest?.("a[href]");
    if (!(link instanceof HTMLAnchorElement) || link.origin !== location.origin || link.target) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
}

/** Which page a path names. */
export type Route =
  | { page: "home" | "search" | "sources" | "dead-letters" | "ledger" | "sign-in" | "not-found" }
  | { page: "doc"; index: string; id: string }
  | { page: "entity"; type: string; value: string };

/** Reads a path; malformed percent-encoding is a page that is not there. */
export function matchRoute(path: string): Route {
  switch (path.length > 1 ? path.replace(/\/$/, "") : path) {
    case "/":
      return { page: "home" };
    case "/search":
      return { page: "search" };
    case "/sources":
      return { page: "sources" };
    case "/dead-letters":
      return { page: "dead-letters" };
    case "/ledger":
      return { page: "ledger" };
    case "/sign-in":
      return { page: "sign-in" };
  }
  const entity = /^\/e\/([^/]+)\/(.+)$/.exec(path);
  if (entity) {
    try {
      return { page: "entity", type: entity[1] ?? "", value: decodeURIComponent(entity[2] ?? "") };
    } catch {
      return { page: "not-found" };
    }
  }
  const doc = /^\/doc\/([^/]+)\/(.+)$/.exec(path);
  if (doc) {
    try {
      return { page: "doc", index: decodeURIComponent(doc[1] ?? ""), id: decodeURIComponent(doc[2] ?? "") };
    } catch {
      return { page: "not-found" };
    }
  }
  return { page: "not-found" };
}

/** The permanent address of an event. */
export function docPath(index: string, id: string): string {
  // A leading `_` would make the server take the path for one of OpenSearch's endpoints.
  const segment = (text: string) => encodeURIComponent(text.toWellFormed()).replace(/^_/, "%5F");
  return `/doc/${segment(index)}/${segment(id)}`;
}

/** Only a path of this origin is a safe place to go after sign-in. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) && !/[\u0000-\u001f\\]/.test(next) ? next : "/";
}
