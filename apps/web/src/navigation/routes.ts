/** Routes of the app, and navigation between them without a reload. */
import { documentIdOfPath, type DocumentId } from '@concord/protocol';
import { useSyncExternalStore } from 'react';

export type Route =
  | { readonly name: 'list' }
  | { readonly name: 'new' }
  | { readonly name: 'signIn' }
  | { readonly name: 'signUp' }
  | { readonly name: 'account' }
  | { readonly name: 'document'; readonly documentId: DocumentId }
  /** The token is not validated here: the server refuses a malformed one. */
  | { readonly name: 'shareLink'; readonly token: string }
  | { readonly name: 'notFound' };

/** State that a page passes to the next one, so that this need not start empty. */
export interface NavigationState {
  readonly title?: string;
  /** The document was just created: focus its text. */
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

/** Replaces the current address without a navigation, for instance when the title changes. */
export function replacePath(path: string): void {
  if (location.pathname === path) return;
  history.replaceState(history.state, '', path + location.search + location.hash);
}

/** The current path. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

/** The current query, with its question mark; empty without one. */
export function useQuery(): string {
  return useSyncExternalStore(subscribe, () => location.search);
}

/** The state passed by the former page; empty on a direct visit. */
export function navigationState(): NavigationState {
  return (history.state ?? {}) as NavigationState;
}
