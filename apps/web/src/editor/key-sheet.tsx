/** Dialog that lists the keyboard shortcuts. */
import { messages } from '../i18n/messages.ts';
import { Dialog } from '../ui/dialog.tsx';
import { keyNames } from '../ui/key-names.ts';
import './key-sheet.css';

const { keys: words, toolbar } = messages;

/** Label of the action and its keys; several keys are pressed in sequence. */
type Entry = readonly [label: string, ...keys: readonly string[]];

const sections: readonly (readonly [heading: string, entries: readonly Entry[]])[] = [
  [
    words.formatting,
    [
      [toolbar.bold, 'Mod-b'],
      [toolbar.italic, 'Mod-i'],
      [toolbar.strikethrough, 'Mod-Shift-x'],
      [toolbar.code, 'Mod-e'],
      [toolbar.link, 'Mod-k'],
    ],
  ],
  [
    words.blocks,
    [
      [words.headings, 'Mod-Alt-1…6'],
      [words.plainText, 'Mod-Alt-0'],
      [toolbar.orderedList, 'Mod-Shift-7'],
      [toolbar.bulletList, 'Mod-Shift-8'],
      [toolbar.taskList, 'Mod-Shift-9'],
      [words.indent, 'Tab'],
    ],
  ],
  [
    words.editing,
    [
      [toolbar.undo, 'Mod-z'],
      [toolbar.redo, 'Mod-Shift-z'],
      [words.moveLine, 'Alt-↑↓'],
      [toolbar.find, 'Mod-f'],
      [words.save, 'Mod-s'],
      [words.leave, 'Esc', 'Tab'],
      [words.sheet, 'Mod-/'],
    ],
  ],
];

export function KeySheet({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog heading={words.heading} className="key-sheet" onClose={onClose}>
      {() => (
        <div className="key-sheet-sections">
          {sections.map(([heading, entries]) => (
            <section key={heading}>
              <h3>{heading}</h3>
              <dl>
                {entries.map(([label, ...keys]) => (
                  <div key={label}>
                    <dt>{label}</dt>
                    <dd>
                      {keys.map((key, index) => (
                        <span key={key}>
                          {index > 0 && <span className="key-then">{words.then}</span>}
                          {keyNames(key).map((name) => (
                            <kbd key={name}>{name}</kbd>
                          ))}
                        </span>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      )}
    </Dialog>
  );
}
