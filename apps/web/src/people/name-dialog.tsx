/** Dialog for the person's own name, where there is no panel for it. */
import type { Me } from '@concord/protocol';
import { messages } from '../i18n/messages.ts';
import { Dialog } from '../ui/dialog.tsx';
import { NameForm } from './name-form.tsx';

export function NameDialog(props: {
  readonly name: string;
  readonly onSaved: (me: Me) => void;
  readonly onClose: () => void;
}) {
  const { name, onSaved, onClose } = props;
  return (
    <Dialog heading={messages.people.yourName} onClose={onClose}>
      {(close) => (
        <NameForm
          name={name}
          isHeaded
          onSaved={(me) => {
            onSaved(me);
            close();
          }}
        />
      )}
    </Dialog>
  );
}
