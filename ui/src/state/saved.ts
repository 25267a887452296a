// The searches that whoever is signed in has saved on the server.
import { signal } from "@preact/signals";
import { ApiError, asApiError, deleteSavedSearch, getSavedSearches, putSavedSearch } from "../api/client";
import type { SavedSearch } from "../api/types";

/** `null` until they are there, or when this server keeps none. */
export const savedSearches = signal<SavedSearch[] | null>(null);

export async function loadSaved(): Promise<void> {
  try {
    savedSearches.value = await getSavedSearches();
  } catch {
    // The list is a help; without it the page works all the same.
  }
}

/** Keeps a view under a name; the same name again replaces it. */
export async function saveSearch(name: string, url: string): Promise<ApiError | null> {
  return change(() => putSavedSearch(savedSearches.peek()?.find((known) => known.name === name) ?? null, name, url));
}

export const removeSearch = (search: SavedSearch) => change(() => deleteSavedSearch(search.id));

async function change(work: () => Promise<unknown>): Promise<ApiError | null> {
  try {
    await work();
    await loadSaved();
    return null;
  } catch (error) {
    return asApiError(error);
  }
}
