/** Error boundary of a lazily loaded part: reports a failure to load, and the page continues without the part. */
import { Component, type ReactNode } from 'react';
import { messages } from '../i18n/messages.ts';
import { useNotify } from './notify.tsx';

export function LoadBoundary(props: {
  readonly children: ReactNode;
  /** Unmounts the part, so that it can be requested again. */
  readonly onFailed: () => void;
}) {
  const notify = useNotify();
  return (
    <Boundary
      onFailed={() => {
        notify(messages.document.partFailed);
        props.onFailed();
      }}
    >
      {props.children}
    </Boundary>
  );
}

interface BoundaryProps {
  readonly children: ReactNode;
  readonly onFailed: () => void;
}

class Boundary extends Component<BoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(): void {
    this.props.onFailed();
  }

  override render(): ReactNode {
    return this.state.failed ? null : this.props.children;
  }
}
