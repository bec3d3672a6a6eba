/** On the list of documents: who one is to others, and changing it. */
import type { Me } from '@concord/protocol';
import { useEffect, useState } from 'react';
import { getMe } from '../documents/api.ts';
import { messages } from '../messages.ts';
import { Popover } from '../ui/popover.tsx';
import { NameForm } from './name-form.tsx';
import { displayName } from './names.ts';
import { PersonIcon } from '../ui/icons.tsx';

export function OwnName() {
  const [me, setMe] = useState<Me | null>(null);
  useEffect(() => {
    getMe().then(setMe, () => undefined);
  }, []);
  if (me === null) return null;
  const name = displayName(me);
  return (
    <Popover
      label={messages.people.changeName(name)}
      buttonClass="button button-quiet own-name"
      button={
        <>
          <PersonIcon />
          <span>{name}</span>
        </>
      }
      panelLabel={messages.people.yourName}
    >
      {(close) => (
        <NameForm
          name={me.name}
          onSaved={(saved) => {
            setMe(saved);
            close();
          }}
        />
      )}
    </Popover>
  );
}
