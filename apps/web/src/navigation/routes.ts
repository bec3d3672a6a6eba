/** The few addresses of the app, and moving between them without loading the page again. */
import { documentIdOfPath, type DocumentId } from '@concord/protocol';
import { useSyncExternalStore } from 'react';

export type Route =
  | { readonly name: 'list' }
  | { readonly name: 'new' }
  | { readonly name: 'signIn' }
  | { readonly name: 'signUp' }
  | { readonly name: 'account' }
  | { readonly name: 'document'; readonly documentId: DocumentId }
  /** The token is the server's to judge: one of another form opens nothing. */
  | { readonly name: 'shareLink'; readonly token: string }
  | { readonly name: 'notFound' };

/** What a page may hand to the next one, so that it need not begin empty. */
export interface NavigationState {
  readonly title?: string;
  /** The document was created a moment ago: the caret goes into the text at once. */
  readonly isNew?: boolean;
}

export function routeOfPath(path: string): Route {
  if (path === '/') return { name: 'list' };
  if (path === '/new') return { name: 'new' };
  if (path === '/sign-in') return { name: 'signIn' };
  if (path === '/sign-up') return { name: 'signUp' };
  if (path === '/account') return { name: 'account' };
  const token = /^\/s\/([^/]+)$/.exec(path)?.[1];
  if (token !== undefined) return { name: 'shareLink', token };
  const lastPart = /^\/d\/([^/]+)$/.exec(path)?.[1];
  const documentId = lastPart === undefined ? null : documentIdOfPath(lastPart);
  return documentId === null ? { name: 'notFound' } : { name: 'document', documentId };
}

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('popstate', listener);
  };
}

export function navigate(
  path: string,
  options: { readonly replace?: boolean; readonly state?: NavigationState } = {},
): void {
  const { replace = false, state = {} } = options;
  if (replace) history.replaceState(state, '', path);
  else history.pushState(state, '', path);
  for (const listener of listeners) listener();
}

/** Changes the address of the page that is shown, for instance when a document gets another title. */
export function replacePath(path: string): void {
  if (location.pathname === path) return;
  history.replaceState(history.state, '', path + location.search + location.hash);
}

/** The address that is shown. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

/** The query of the address that is shown, with its question mark; empty without one. */
export function useQuery(): string {
  return useSyncExternalStore(subscribe, () => location.search);
}

/** What the former page handed over; nothing after a visit from outside. */
export function navigationState(): NavigationState {
  return (history.state ?? {}) as NavigationState;
}
