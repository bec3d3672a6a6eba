/** The person's documents on this device, and their pins, for the list. */
import type { ListedDocument } from '@concord/protocol';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useNotify } from '../ui/notify.tsx';
import { loadKept, NotKeptError, putOnDevice, setKeptOffline } from './keep-documents.ts';
import { outdatedOnDevice, type KeptDocuments } from '../device/kept-list.ts';
import { offlineMessages } from './offline-messages.ts';

const words = offlineMessages.list;

export interface KeptOnDevice {
  readonly kept: KeptDocuments;
  /** False until the documents were loaded for the first time. */
  readonly isKnown: boolean;
  readonly refresh: () => void;
  /** Pins or unpins a document, downloads it if necessary, and notifies the person of the result. */
  readonly setKept: (
    document: ListedDocument,
    shownTitle: string,
    isKept: boolean,
  ) => Promise<void>;
  /** Downloads pinned documents that are older here than in a list from the server. */
  readonly bringUpToDate: (listed: readonly ListedDocument[]) => void;
}

const nothing: KeptDocuments = new Map();

export function useKeptDocuments(): KeptOnDevice {
  const notify = useNotify();
  const [kept, setKept] = useState<KeptDocuments | null>(null);
  /** Versions requested already, so that a failing download is not repeated for every list. */
  const asked = useRef(new Map<string, number>());
  const isBusy = useRef(false);

  const refresh = useCallback(() => {
    void loadKept().then(setKept);
  }, []);
  useEffect(refresh, [refresh]);

  const shown = kept ?? nothing;
  const change = useCallback(
    async (document: ListedDocument, title: string, isKept: boolean): Promise<void> => {
      if (isKept && !shown.has(document.id)) notify(words.fetching(title));
      try {
        await setKeptOffline(document, shown, isKept);
        notify(isKept ? words.kept(title) : words.keptNot(title));
      } catch (error) {
        const isBlocked = error instanceof NotKeptError && error.code === 'storageBlocked';
        notify(isBlocked ? words.storageBlocked : words.keepFailed(title));
      }
      refresh();
    },
    [notify, refresh, shown],
  );

  const bringUpToDate = useCallback(
    (listed: readonly ListedDocument[]): void => {
      if (isBusy.current) return;
      isBusy.current = true;
      void fetchOutdated(listed, asked.current)
        .then((hasFetched) => hasFetched && refresh())
        .finally(() => (isBusy.current = false));
    },
    [refresh],
  );

  return { kept: shown, isKnown: kept !== null, refresh, setKept: change, bringUpToDate };
}

/** Downloads outdated documents in sequence, without notices. Resolves with whether any succeeded. */
async function fetchOutdated(
  listed: readonly ListedDocument[],
  asked: Map<string, number>,
): Promise<boolean> {
  let hasFetched = false;
  for (const document of outdatedOnDevice(listed, await loadKept())) {
    if ((asked.get(document.id) ?? -1) >= document.version) continue;
    asked.set(document.id, document.version);
    hasFetched = await putOnDevice(document).then(
      () => true,
      () => hasFetched,
    );
  }
  return hasFetched;
}
