// A page, or a part of one, whose code is loaded when it is first shown.
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { PageHead } from "./PageHead";

/** A whole page; an empty one stands in while it is loaded. */
export const lazy = <Props extends object>(load: () => Promise<ComponentType<Props>>) =>
  loaded(load, () => (
    <>
      <PageHead title="" />
      <main class="page" id="content" aria-busy="true" />
    </>
  ));

/** A part of a page; nothing stands in for it. */
export const lazyPart = <Props extends object>(load: () => Promise<ComponentType<Props>>) => loaded(load, () => null);

function loaded<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  Waiting: () => JSX.Element | null,
): ComponentType<Props> {
  let ready: ComponentType<Props> | null = null;
  return function Lazy(props: Props) {
    const [, redraw] = useState(false);
    useEffect(() => {
      let current = true;
      if (!ready) {
        void load().then((component) => {
          ready = component;
          if (current) redraw(true);
        });
      }
      return () => void (current = false);
    }, []);
    const Component = ready;
    return Component ? <Component {...props} /> : <Waiting />;
  };
}
