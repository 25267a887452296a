// The head of a page other than search.
import type { ComponentChildren } from "preact";
import { Short } from "./Text";

export function PageHead({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <header class="topbar page-head">
      <h1>
        <Short text={title} limit={120} />
      </h1>
      {children}
    </header>
  );
}
