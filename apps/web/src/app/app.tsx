/** Routes: which page a path shows. The editor is a chunk of its own, so that the list loads without it. */
import type { DocumentId } from '@concord/protocol';
import { QueryClientProvider } from '@tanstack/react-query';
import { Component, lazy, Suspense, type ReactNode } from 'react';
import { CookiesPage } from '../account/cookies-page.tsx';
import { useCookiesAreBlocked } from '../device/cookies.ts';
import { DocumentListPage } from '../library/document-list-page.tsx';
import { DocumentSkeleton } from '../document/document-skeleton.tsx';
import { MessagePage, NotFoundPage } from '../ui/message-page.tsx';
import { NewDocumentPage } from '../document/new-document-page.tsx';
import { newQueryClient } from '../http/query-client.ts';
import { messages } from '../i18n/messages.ts';
import { navigationState, routeOfPath, usePath } from '../navigation/routes.ts';
import { ShareLinkPage } from '../document/share-link-page.tsx';
import { LayersHost } from '../ui/layers-host.tsx';
import { NotifyProvider } from '../ui/notify.tsx';

const queryClient = newQueryClient();

const DocumentPage = lazy(async () => {
  const { DocumentPage: Page } = await import('../document/document-page.tsx');
  return { default: Page };
});

const SignInPage = lazy(async () => {
  const { SignInPage: Page } = await import('../account/sign-in-page.tsx');
  return { default: Page };
});
const SignUpPage = lazy(async () => {
  const { SignUpPage: Page } = await import('../account/sign-in-page.tsx');
  return { default: Page };
});
const AccountPage = lazy(async () => {
  const { AccountPage: Page } = await import('../account/account-page.tsx');
  return { default: Page };
});

export function App() {
  const route = routeOfPath(usePath());
  if (useCookiesAreBlocked()) return <CookiesPage />;
  return (
    <QueryClientProvider client={queryClient}>
      <NotifyProvider>
        {route.name === 'list' && <DocumentListPage />}
        {route.name === 'new' && <NewDocumentPage />}
        {route.name === 'notFound' && <NotFoundPage />}
        {route.name === 'shareLink' && <ShareLinkPage key={route.token} token={route.token} />}
        <LoadFailure>
          <Suspense fallback={null}>
            {route.name === 'signIn' && <SignInPage />}
            {route.name === 'signUp' && <SignUpPage />}
            {route.name === 'account' && <AccountPage />}
          </Suspense>
        </LoadFailure>
        {route.name === 'document' && <LazyDocument documentId={route.documentId} />}
        <LayersHost />
      </NotifyProvider>
    </QueryClientProvider>
  );
}

function LazyDocument({ documentId }: { readonly documentId: DocumentId }) {
  return (
    <LoadFailure>
      <Suspense fallback={<DocumentSkeleton title={navigationState().title ?? ''} />}>
        <DocumentPage key={documentId} documentId={documentId} />
      </Suspense>
    </LoadFailure>
  );
}

/** Shown when the editor's chunk fails to load: no network, or the server was updated meanwhile. */
class LoadFailure extends Component<
  { readonly children: ReactNode },
  { readonly failed: boolean }
> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <MessagePage
        heading={messages.document.loadFailedHeading}
        body={messages.document.loadFailedBody}
      >
        <button type="button" className="button button-primary" onClick={() => location.reload()}>
          {messages.document.reload}
        </button>
      </MessagePage>
    );
  }
}
