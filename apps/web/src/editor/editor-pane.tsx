/** Shows the editor of an opened document, and hands its view to the page around it. */
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
  // The editor lives longer than one rendering: it calls whatever the latest one passed.
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
    // Whoever began with the title, while the text was on its way, goes on with it.
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
