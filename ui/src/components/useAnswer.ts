// One answer of the server, asked again when its key changes; the old answer stays until the new one is there.
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiError } from "../api/client";
import { noteFailure, serverFound, signIns } from "../state/session";

export interface Answer<T> {
  /** The last answer; `null` until the first is there. */
  data: T | null;
  loading: boolean;
  error: ApiError | null;
  reload: () => void;
}

export function useAnswer<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [data, setData] = useState<T | null>(null);
  const [loading, setLoading] = useState(key !== null);
  const [error, setError] = useState<ApiError | null>(null);
  const [round, setRound] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (key === null) {
      setData(null);
      setLoading(false);
      return;
    }
    const controller = new AbortController();
    setLoading(true);
    latest.current(controller.signal).then(
      (answer) => {
        if (controller.signal.aborted) return;
        serverFound();
        setData(answer);
        setError(null);
        setLoading(false);
      },
      (cause: unknown) => {
        if (controller.signal.aborted) return;
        setError(noteFailure(cause, () => setRound((n) => n + 1)));
        setLoading(false);
      },
    );
    return () => controller.abort();
  }, [key, round, signIns.value]);
  return { data, loading, error, reload: () => setRound((n) => n + 1) };
}
