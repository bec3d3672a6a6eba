/** Actions on a whole document: copy, download, save as new, report the save state. */
import { useMemo } from 'react';
import { messages } from '../i18n/messages.ts';
import { statusText, withTitle } from '../status/status-text.ts';
import { copyText, downloadText, fileNameOf } from '../ui/copy.ts';
import { useNotify } from '../ui/notify.tsx';
import { keepingAsNew } from './keep-as-new.ts';
import type { OpenedDocument } from './opened-document.ts';

export interface DocumentActions {
  /** Copies the document, or the given text. */
  readonly copyText: (text?: string) => Promise<void>;
  /** Downloads the text of this page, which may be ahead of the server's. */
  readonly download: () => void;
  /** Saves the text as a new document and opens it. Resolves with the problem, or null. */
  readonly keepAsNew: () => Promise<string | null>;
  readonly confirmSaved: () => Promise<void>;
}

/** Mod+S waits this long for acknowledgement before it reports the status. */
const SAVE_TIMEOUT_MS = 1_500;

export function useDocumentActions(opened: OpenedDocument): DocumentActions {
  const notify = useNotify();
  return useMemo(() => {
    const copy = async (text: string, done: string): Promise<void> =>
      notify((await copyText(text)) ? done : messages.document.copyFailed);
    const keepAsNew = keepingAsNew();
    return {
      copyText: (text = opened.client.text) => copy(text, messages.document.textCopied),
      download: () => downloadText(fileNameOf(opened.client.view.title, 'md'), opened.client.text),
      keepAsNew: () => keepAsNew(opened.client.view.title, opened.client.text),
      confirmSaved: async () => {
        const { client } = opened;
        client.suspend();
        // A person who presses Save expects a prompt answer: do not wait without a bound.
        await Promise.race([
          client.whenSynchronized().catch(() => undefined),
          new Promise((resolve) => setTimeout(resolve, SAVE_TIMEOUT_MS)),
        ]);
        const status = withTitle(client.view.status, client.view.isTitleSaved);
        notify(
          status.kind === 'saved' || status.kind === 'merged'
            ? messages.save.saved(client.view.version)
            : statusText(status).text,
        );
      },
    };
  }, [opened, notify]);
}
