/** Notifies the person when write permission is granted or withdrawn: the role of an open document changes live. */
import type { Role } from '@concord/protocol';
import { useEffect } from 'react';
import { messages } from '../i18n/messages.ts';
import type { OpenedDocument } from './opened-document.ts';
import { useNotify } from '../ui/notify.tsx';
import { mayWrite } from '@concord/client';

export function useRoleNews(opened: OpenedDocument): void {
  const notify = useNotify();
  useEffect(() => {
    let before: Role | null = opened.client.role;
    return opened.client.on('role', (role) => {
      const could = before;
      before = role;
      // The initial role is not a change.
      if (could === null || mayWrite(could) === mayWrite(role)) return;
      if (mayWrite(role)) notify(messages.document.canEdit);
      // With unsent edits a permanent notice explains it instead.
      else if (opened.client.unsent === 0) notify(messages.document.canView);
    });
  }, [opened, notify]);
}
