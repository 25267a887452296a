// Where rows will be.
import { t } from "../i18n";

export function SkeletonRows({ count, class: className = "" }: { count: number; class?: string }) {
  return (
    <div class={`skel-rows ${className}`} role="status" aria-busy="true" aria-label={t("list.loading")}>
      {Array.from({ length: count }, (_, at) => (
        <i key={at} class="skel" />
      ))}
    </div>
  );
}
