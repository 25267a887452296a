// Fetches one whole event for a component.
import { useEffect, useState } from "preact/hooks";
import type { ApiError } from "../api/client";
import type { Hit } from "../api/types";
import { fetchDocument } from "../state/document";

export type DocumentState =
  { kind: "loading" } | { kind: "missing" } | { kind: "error"; error: ApiError } | { kind: "ready"; hit: Hit };

/** While the next event is on its way the previous one stays, so that walking with `j` does not flicker. */
export function useDocument(index: string, id: string): DocumentState {
  const [state, setState] = useState<DocumentState>({ kind: "loading" });
  useEffect(() => {
    let current = true;
    fetchDocument(index, id).then(
      (hit) => current && setState(hit ? { kind: "ready", hit } : { kind: "missing" }),
      (error: ApiError) => current && setState({ kind: "error", error }),
    );
    return () => void (current = false);
  }, [index, id]);
  return state;
}
