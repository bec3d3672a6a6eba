/** Says so, once, when one may write again, or no longer: the role of an open document changes live. */
import type { Role } from '@concord/protocol';
import { useEffect } from 'react';
import { messages } from '../i18n/messages.ts';
import type { OpenedDocument } from './opened-document.ts';
import { useNotify } from '../ui/notify.tsx';
import { followView, mayWrite } from '@concord/client';

export function useRoleNews(opened: OpenedDocument): void {
  const notify = useNotify();
  useEffect(() => {
    let former: Role | null = null;
    const roleChanged = (role: Role | null): void => {
      const before = former;
      former = role;
      // The initial role is not a change.
      if (before === null || mayWrite(before) === mayWrite(role)) return;
      if (mayWrite(role)) notify(messages.document.canEdit);
      // With unsent edits a permanent notice explains it instead.
      else if (opened.client.view.unsent === 0) notify(messages.document.canView);
    };
    return followView(opened.client, ({ role }) => role, roleChanged);
  }, [opened, notify]);
}
