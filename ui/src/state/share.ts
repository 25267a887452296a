// Links to this view: the address itself, a short one when it is very long, or one with fixed times.
import { shorten } from "../api/client";
import { t } from "../i18n";
import { iso } from "../lib/time";
import { writeState } from "../lib/url-state";
import { copyText } from "./live";
import { shownRange, view } from "./search";

/** Addresses longer than this get cut by chat programs and mail. */
const LONG = 1500;

/** A link to a path of this page; a short one when the path is very long and the server keeps links. */
async function linkTo(path: string): Promise<string> {
  if (path.length <= LONG) return location.origin + path;
  try {
    return location.origin + (await shorten(path));
  } catch {
    return location.origin + path;
  }
}

/** Copies the link to exactly this view. */
export async function copyLink(): Promise<void> {
  await copyText(await linkTo(location.pathname + location.search), t("live.linkCopied"));
}

/** Copies the link to this view with its times fixed, so that it shows the same events tomorrow. */
export async function copyFixedLink(): Promise<void> {
  const range = shownRange();
  const times = range ? { from: iso(range.from), to: iso(range.to) } : {};
  await copyText(await linkTo(`/search${writeState({ ...view.peek(), ...times })}`), t("live.linkCopied"));
}
