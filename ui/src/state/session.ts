// Who is signed in, which log types there are, and whether the server answers at all.
import { computed, signal } from "@preact/signals";
import { ApiError, asApiError, getLogTypes, getSession, signOut, whenSignedOut } from "../api/client";
import type { LogType, Session } from "../api/types";
import { colourOf } from "../lib/series";
import { navigate, place } from "../router";
import { adoptProfile } from "./settings";

export const session = signal<Session | null>(null);
export const logTypes = signal<LogType[]>([]);
/** The log types in the order of their colours: those with events first, so that they differ in colour. */
export const coloured = computed(() => {
  const types = logTypes.value;
  const rank = ({ last_event }: LogType) => (last_event ? 0 : 1);
  return types.toSorted((a, b) => rank(a) - rank(b)).map(({ id }) => id);
});
/** The class that fills with the colour of a log type. */
export const typeFill = (id: string): string => `fill-${colourOf(id, coloured.value)}`;
/** Whether this reader may run dead letters again on this server. */
export const mayRetry = computed(
  () => session.value?.features.includes("retry") === true && session.value.roles.includes("admin"),
);
/** Seconds until the next try while the server is not reached; `null` while it is. */
export const offlineFor = signal<number | null>(null);

let wait = 2;
let ticking: ReturnType<typeof setInterval> | undefined;
let retryAction: () => void = () => {};
let loading: Promise<LogType[]> | null = null;

/** The log types, fetched once; an unreachable server gives an empty list and the next call tries again. */
export function loadLogTypes(fresh = false): Promise<LogType[]> {
  if (fresh) loading = null;
  loading ??= getLogTypes().then(
    (types) => (logTypes.value = types),
    (error: unknown) => {
      loading = null;
      if (error instanceof ApiError && error.status === 0) throw error;
      return logTypes.value;
    },
  );
  return loading;
}

/** The session ended while the page was in use: it stays, and asks to sign in again. */
export const sessionEnded = signal(false);
/** Grows when the reader has signed in again over the page: what is shown is asked for once more. */
export const signIns = signal(0);

/** Asks to sign in: over the page when it is in use, else on a page of its own that leads back to this view. */
function askToSignIn(): void {
  if (place.value.path === "/sign-in") return;
  if (session.peek()) {
    sessionEnded.value = true;
    return;
  }
  navigate(`/sign-in?next=${encodeURIComponent(place.value.path + place.value.search)}`);
}

/** Asks who we are; a missing session leads to the sign-in page. */
export async function startSession(): Promise<void> {
  whenSignedOut(askToSignIn);
  try {
    session.value = await getSession();
    adoptProfile(session.value);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) askToSignIn();
  }
}

/** Signed in again over the page: what could not be loaded is loaded now. */
export function goOn(): void {
  sessionEnded.value = false;
  signIns.value += 1;
}

/** Ends the session here and on the server. */
export async function endSession(): Promise<void> {
  await signOut().catch(() => {});
  session.value = null;
  navigate("/sign-in");
}

/** Starts (or goes on with) the countdown to `action`; the pause grows to half a minute. */
function serverLost(action: () => void): void {
  retryAction = action;
  clearInterval(ticking);
  offlineFor.value = wait;
  wait = Math.min(30, wait * 2);
  ticking = setInterval(() => {
    const left = (offlineFor.value ?? 0) - 1;
    if (left > 0) offlineFor.value = left;
    else retryNow();
  }, 1000);
}

export function retryNow(): void {
  clearInterval(ticking);
  retryAction();
}

/** An error the page can show; while the server is not reached, `again` is tried from time to time. */
export function noteFailure(cause: unknown, again: () => void): ApiError {
  const known = asApiError(cause);
  if (known.code === "offline") serverLost(again);
  return known;
}

export function serverFound(): void {
  clearInterval(ticking);
  wait = 2;
  offlineFor.value = null;
}
