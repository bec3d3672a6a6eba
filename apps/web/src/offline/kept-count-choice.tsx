/** Setting in a sentence: how many opened documents stay on this device. */
import { useState } from 'react';
import { chooseKeptCount, keepingChoices, keptCount } from '../device/keeping-limits.ts';
import { offlineMessages } from './offline-messages.ts';
import { makeRoom } from './tidy-device.ts';

const words = offlineMessages.list;
const [before, after] = words.keptCount;

export function KeptCountChoice({ onChosen }: { readonly onChosen: () => void }) {
  const [count, setCount] = useState<number>(keptCount);
  return (
    <p className="kept-count">
      {before}{' '}
      <select
        className="field select"
        aria-label={words.keptCountLabel}
        value={count}
        onChange={(event) => {
          const chosen = Number(event.currentTarget.value);
          setCount(chosen);
          chooseKeptCount(chosen);
          void makeRoom().then(onChosen);
        }}
      >
        {keepingChoices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>{' '}
      {after}
    </p>
  );
}
