// A component that is drawn again only when one of its properties, or a signal it reads, has changed.
import { Component, h, type FunctionComponent } from "preact";

export function memo<Props extends object>(Inner: FunctionComponent<Props>) {
  return class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      const now: Props = this.props;
      return (Object.keys(next) as (keyof Props)[]).some((key) => next[key] !== now[key]);
    }
    override render() {
      return h(Inner, this.props);
    }
  };
}
