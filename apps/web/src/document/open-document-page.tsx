/** The page of a document that is open: header, toolbar, notices, text. */
import { documentPath } from '@concord/protocol';
import type { EditorView } from '@codemirror/view';
import {
  lazy,
  Suspense,
  useCallback,
  useEffect,
  useReducer,
  useState,
  useSyncExternalStore,
} from 'react';
import { signInPath } from '../navigation/return-to.ts';
import { ConcurrentNotice } from '../editor/concurrent-notice.tsx';
import { EditorPane } from '../editor/editor-pane.tsx';
import { Toolbar } from '../editor/toolbar.tsx';
import { useWordCount, type WordCount } from '../editor/use-word-count.ts';
import { ReviewPanel } from '../merge/review-panel.tsx';
import { useReview } from '../merge/use-review.ts';
import { messages } from '../i18n/messages.ts';
import { useAppUpdate } from '../offline/use-app-update.ts';
import { displayName } from '../people/names.ts';
import { PeopleList } from '../people/people-list.tsx';
import { useFollow } from '../editor/use-follow.ts';
import { navigationState, replacePath } from '../navigation/routes.ts';
import { ShareButton } from '../sharing/share-button.tsx';
import { KeptNotice, TrashedBanner } from '../status/access-notices.tsx';
import { mayWrite } from '@concord/client';
import { CopyBanner } from '../status/copy-banner.tsx';
import { isCopyCode } from '../status/copy-code.ts';
import { PausedNotice } from '../status/paused-notice.tsx';
import { QuotaNotice } from '../status/quota-notice.tsx';
import { RefusedNotices } from '../status/refused-notices.tsx';
import { StatusLine } from '../status/status-line.tsx';
import { withTitle } from '../status/status-text.ts';
import { StorageBanner } from '../status/storage-banner.tsx';
import { StoppedBanner } from '../status/stopped-banner.tsx';
import { useRoleNews } from './use-role-news.ts';
import { LoadBoundary } from '../ui/load-boundary.tsx';
import { useKeyboardInset } from '../ui/use-keyboard-inset.ts';
import { useNotify } from '../ui/notify.tsx';
import { DocumentHeader } from './document-header.tsx';
import { DocumentMenu } from './document-menu.tsx';
import { TextSkeleton } from './document-skeleton.tsx';
import { NewDocumentButton } from '../library/new-document-button.tsx';
import { NotFoundPage } from '../ui/message-page.tsx';
import type { OpenedDocument } from './opened-document.ts';
import { TitleField } from './title-field.tsx';
import { useDocumentActions } from './use-document-actions.ts';
import { useLeaveWarning } from './use-leave-warning.ts';
import { usePageKeys } from './use-page-keys.ts';

const KeySheet = lazy(async () => {
  const { KeySheet: Sheet } = await import('../editor/key-sheet.tsx');
  return { default: Sheet };
});

function wordText(count: WordCount | null): string {
  if (count === null) return '';
  const { all, selected } = count;
  return selected > 0
    ? messages.document.wordsSelected(selected, all)
    : messages.document.words(all);
}

export function OpenDocumentPage({ document: opened }: { readonly document: OpenedDocument }) {
  const shown = useSyncExternalStore(opened.subscribe, opened.snapshot);
  const { status, title, people, peopleTotal, self, refused, isOpen } = shown;
  const [view, setView] = useState<EditorView | null>(null);
  const [isKeySheetOpen, setIsKeySheetOpen] = useState(false);
  const [, showToolbarAnew] = useReducer((count: number) => count + 1, 0);
  const [words, recountWords] = useWordCount(view);
  const { followed, setFollowed, startFollowing } = useFollow(view);
  const notify = useNotify();
  const actions = useDocumentActions(opened);
  const review = useReview(shown.merge, view);
  useKeyboardInset();
  useLeaveWarning(opened);
  useRoleNews(opened);
  useAppUpdate(opened.client);

  const shownTitle = title === '' ? messages.documents.untitled : title;
  useEffect(() => {
    document.title = messages.pageTitle(shownTitle);
    replacePath(documentPath(opened.documentId, title));
  }, [opened.documentId, shownTitle, title]);

  const openKeySheet = useCallback(() => setIsKeySheetOpen(true), []);
  const confirmSaved = useCallback(() => void actions.confirmSaved(), [actions]);
  usePageKeys({ onSave: confirmSaved, onKeySheet: openKeySheet });
  const closeKeySheet = useCallback(() => setIsKeySheetOpen(false), []);

  if (status.kind === 'stopped' && status.code === 'notFound' && !isOpen) return <NotFoundPage />;

  const isReadOnly = status.kind === 'stopped' || !mayWrite(shown.role);
  const isAway = status.kind === 'offline' || status.kind === 'stopped';
  const followedPerson = people.find((person) => person.session === followed);
  return (
    <div className="document-page">
      <DocumentHeader
        title={
          <TitleField
            title={title}
            isReadOnly={isReadOnly}
            onChange={(newTitle, base) => opened.client.rename(newTitle, base)}
            onDone={() => view?.focus()}
          />
        }
        status={<StatusLine status={withTitle(status, shown.isTitleSaved)} review={review} />}
      >
        <PeopleList
          // Whether the others are still there cannot be known without a connection.
          people={isAway ? people.filter((person) => person.session === self) : people}
          total={isAway ? 1 : peopleTotal}
          self={self}
          followed={followed}
          onFollow={(person) => {
            if (!startFollowing(person)) notify(messages.people.noCaret(displayName(person)));
          }}
        />
        <ShareButton documentId={opened.documentId} title={title} role={shown.role} />
        <NewDocumentButton isCompact />
        <DocumentMenu
          words={wordText(words)}
          onCopyText={() => void actions.copyText()}
          onDownload={actions.download}
          onKeySheet={openKeySheet}
        />
      </DocumentHeader>
      <div className="toolbar-row">
        {view !== null && <Toolbar view={view} />}
        {view !== null && <span className="word-count">{wordText(words)}</span>}
      </div>
      <div className="notices">
        {(status.kind === 'storageBlocked' || status.kind === 'notKept') && (
          <StorageBanner
            isSent={status.kind === 'notKept'}
            onCopy={() => void actions.copyText()}
            onDownload={actions.download}
          />
        )}
        {status.kind === 'stopped' && isCopyCode(status.code) && (
          <CopyBanner
            code={status.code}
            mayWrite={mayWrite(shown.role)}
            onMerge={(isDiscarded) => opened.mergeCopy(isDiscarded)}
            onKeep={actions.keepAsNew}
            onCopy={() => void actions.copyText()}
            onDownload={actions.download}
          />
        )}
        {status.kind === 'stopped' && !isCopyCode(status.code) && (
          <StoppedBanner
            code={status.code}
            detail={status.detail}
            onKeep={actions.keepAsNew}
            signInPath={signInPath('/sign-in', documentPath(opened.documentId, title))}
            onCopy={() => void actions.copyText()}
            onDownload={actions.download}
          />
        )}
        {shown.trashedAt !== null && status.kind !== 'stopped' && (
          <TrashedBanner trashedAt={shown.trashedAt} onRestore={() => opened.restore()} />
        )}
        {status.kind === 'viewOnly' && status.unsent > 0 && (
          <KeptNotice
            unsent={status.unsent}
            onCopy={() => void actions.copyText()}
            onDownload={actions.download}
          />
        )}
        {status.kind === 'savingPaused' && (
          <PausedNotice onCopy={() => void actions.copyText()} onDownload={actions.download} />
        )}
        {status.kind === 'quotaExceeded' && (
          <QuotaNotice
            detail={status.detail}
            unsent={status.unsent}
            onCopy={() => void actions.copyText()}
            onDownload={actions.download}
          />
        )}
        <RefusedNotices
          notices={refused}
          onCopy={(text) => void actions.copyText(text)}
          onDismiss={(id) => opened.dismissNotice(id)}
        />
      </div>
      {isOpen && shown.undo !== null ? (
        <div className="document-body">
          <main className="document-text">
            <EditorPane
              client={opened.client}
              undo={shown.undo}
              isReadOnly={isReadOnly}
              focusAtOnce={navigationState().isNew === true}
              onView={setView}
              onUpdate={() => {
                showToolbarAnew();
                recountWords();
              }}
              onFollow={setFollowed}
              onSave={confirmSaved}
              onKeySheet={openKeySheet}
            />
            {view !== null && <ConcurrentNotice view={view} people={people} self={self} />}
          </main>
          {review?.isOpen === true && view !== null && (
            <ReviewPanel
              view={view}
              isReadOnly={isReadOnly}
              onClose={review.close}
              onDone={() => {
                review.close();
                opened.dismissMerge();
              }}
            />
          )}
        </div>
      ) : status.kind === 'offline' ? (
        <main className="message">
          <h2>{messages.document.openOfflineHeading}</h2>
          <p>{messages.document.openOfflineBody}</p>
        </main>
      ) : (
        <TextSkeleton />
      )}
      {followedPerson !== undefined && (
        <div className="following-pill">
          {messages.people.following(displayName(followedPerson))}
          <span>{messages.people.followingHint}</span>
        </div>
      )}
      {isKeySheetOpen && (
        <LoadBoundary onFailed={closeKeySheet}>
          <Suspense fallback={null}>
            <KeySheet onClose={closeKeySheet} />
          </Suspense>
        </LoadBoundary>
      )}
    </div>
  );
}
