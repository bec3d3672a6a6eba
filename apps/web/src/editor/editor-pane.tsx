/** Mounts the editor of an opened document, and passes its view to the page. */
import type { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { createDocumentEditor, type DocumentEditor } from './document-editor.ts';
import type { EditableClient } from './binding.ts';
import type { UndoKeeping } from './device-undo.ts';
import './editor.css';

interface EditorPaneProps {
  readonly client: EditableClient;
  readonly undo: UndoKeeping;
  readonly isReadOnly: boolean;
  readonly focusAtOnce: boolean;
  readonly onView: (view: EditorView | null) => void;
  readonly onUpdate: () => void;
  readonly onFollow: (session: number | null) => void;
  readonly onSave: () => void;
  readonly onKeySheet: () => void;
}

export function EditorPane(props: EditorPaneProps) {
  const { client, undo, isReadOnly, onView } = props;
  const parent = useRef<HTMLDivElement>(null);
  const editor = useRef<DocumentEditor>(null);
  // The editor outlives a rendering: its callbacks use the latest props.
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (parent.current === null) return undefined;
    const created = createDocumentEditor({
      parent: parent.current,
      client,
      undo,
      isReadOnly: latest.current.isReadOnly,
      onUpdate: () => latest.current.onUpdate(),
      onFollow: (session) => latest.current.onFollow(session),
      onSave: () => latest.current.onSave(),
      onKeySheet: () => latest.current.onKeySheet(),
    });
    editor.current = created;
    onView(created.view);
    // Do not take the focus from the title field if the person began typing there while the text was loading.
    const isInField = document.activeElement instanceof HTMLInputElement;
    if (latest.current.focusAtOnce && !isInField) created.view.focus();
    return () => {
      editor.current = null;
      onView(null);
      created.close();
    };
  }, [client, undo, onView]);

  useEffect(() => {
    editor.current?.setReadOnly(isReadOnly);
  }, [isReadOnly]);

  return <div ref={parent} className="editor-pane" />;
}
