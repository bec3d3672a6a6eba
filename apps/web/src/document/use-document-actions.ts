/** What the page does with a document as a whole: copy, download, say whether it is saved. */
import { useMemo } from 'react';
import { messages } from '../i18n/messages.ts';
import { statusText, withTitle } from '../status/status-text.ts';
import { copyText, downloadText, fileNameOf } from '../ui/copy.ts';
import { useNotify } from '../ui/notify.tsx';
import { keepingAsNew } from './keep-as-new.ts';
import type { OpenedDocument } from './opened-document.ts';

export interface DocumentActions {
  /** Copies the document, or the text that is given. */
  readonly copyText: (text?: string) => Promise<void>;
  /** The text of this page, which may be ahead of the server's. */
  readonly download: () => void;
  /** Puts the text into a new document, and opens that. Resolves with what went wrong, or null. */
  readonly keepAsNew: () => Promise<string | null>;
  readonly confirmSaved: () => Promise<void>;
}

/** Mod+S waits this long for the server before it tells how things stand. */
const SAVE_PATIENCE_MS = 1_500;

export function useDocumentActions(opened: OpenedDocument): DocumentActions {
  const notify = useNotify();
  return useMemo(() => {
    const copy = async (text: string, done: string): Promise<void> =>
      notify((await copyText(text)) ? done : messages.document.copyFailed);
    const keepAsNew = keepingAsNew();
    return {
      copyText: (text = opened.client.text) => copy(text, messages.document.textCopied),
      download: () => downloadText(fileNameOf(opened.client.title, 'md'), opened.client.text),
      keepAsNew: () => keepAsNew(opened.client.title, opened.client.text),
      confirmSaved: async () => {
        const { client } = opened;
        client.suspend();
        // A person who presses Save expects an answer about now.
        await Promise.race([
          client.whenSynchronized().catch(() => undefined),
          new Promise((resolve) => setTimeout(resolve, SAVE_PATIENCE_MS)),
        ]);
        const status = withTitle(client.status, client.isTitleSaved);
        notify(
          status.kind === 'saved' || status.kind === 'merged'
            ? messages.save.saved(client.version)
            : statusText(status).text,
        );
      },
    };
  }, [opened, notify]);
}
