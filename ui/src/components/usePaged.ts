// A list that the server gives in pages by cursor, following filters that live in the URL.
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiError } from "../api/client";
import { navigate, place } from "../router";
import { noteFailure, serverFound, signIns } from "../state/session";

export interface Paged<Page, Item> {
  /** The first page; `null` until it is there. */
  first: Page | null;
  items: Item[];
  more: boolean;
  loading: boolean;
  error: ApiError | null;
  loadMore: () => void;
  reload: () => void;
}

type Fetch<Page> = (cursor: string | null, signal: AbortSignal) => Promise<Page>;

export function usePaged<Item, Page extends { items: Item[]; next?: string | null }>(
  key: string,
  fetchPage: Fetch<Page>,
): Paged<Page, Item> {
  const [state, setState] = useState<{ first: Page | null; items: Item[]; next: string | null }>({
    first: null,
    items: [],
    next: null,
  });
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<ApiError | null>(null);
  const [round, setRound] = useState(0);
  const controller = useRef(new AbortController());

  const load = async (cursor: string | null) => {
    controller.current.abort();
    const mine = new AbortController();
    controller.current = mine;
    setLoading(true);
    try {
      const page = await fetchPage(cursor, mine.signal);
      if (mine.signal.aborted) return;
      serverFound();
      setState((old) =>
        cursor === null
          ? { first: page, items: page.items, next: page.next ?? null }
          : { first: old.first, items: [...old.items, ...page.items], next: page.next ?? null },
      );
      setError(null);
    } catch (cause) {
      if (mine.signal.aborted) return;
      setError(noteFailure(cause, () => setRound((n) => n + 1)));
    }
    setLoading(false);
  };
  useEffect(() => {
    void load(null);
    return () => controller.current.abort();
  }, [key, round, signIns.value]);

  return {
    ...state,
    more: state.next !== null,
    loading,
    error,
    loadMore: () => void load(state.next),
    reload: () => setRound(round + 1),
  };
}

/** One query parameter of the current page, and a way to change it. */
export function useParam(name: string): [string, (value: string) => void] {
  const value = new URLSearchParams(place.value.search).get(name) ?? "";
  return [
    value,
    (next) => {
      const params = new URLSearchParams(place.peek().search);
      if (next) params.set(name, next);
      else params.delete(name);
      const text = params.toString();
      navigate(place.peek().path + (text && `?${text}`), "replace");
    },
  ];
}
