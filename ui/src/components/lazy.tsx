// A component whose code is loaded when it is first shown.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { PageHead } from "./PageHead";

export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function Lazy(props: Props) {
    const [, redraw] = useState(false);
    useEffect(() => {
      let current = true;
      if (!loaded) {
        void load().then((component) => {
          loaded = component;
          if (current) redraw(true);
        });
      }
      return () => void (current = false);
    }, []);
    const Component = loaded;
    return Component ? (
      <Component {...props} />
    ) : (
      <>
        <PageHead title="" />
        <main class="page" id="content" aria-busy="true" />
      </>
    );
  };
}
