/** A secret that the server returns only once, with a button that copies it. */
import { messages } from '../i18n/messages.ts';
import { copyText } from '../ui/copy.ts';
import { useNotify } from '../ui/notify.tsx';

const words = messages.account;

export function OnceShown(props: {
  readonly label: string;
  readonly secret: string;
  readonly onDone: () => void;
}) {
  const { label, secret, onDone } = props;
  const notify = useNotify();
  return (
    <div className="once-shown">
      <input
        className="field"
        aria-label={label}
        value={secret}
        readOnly
        autoFocus
        onFocus={(event) => event.currentTarget.select()}
      />
      <p className="form-hint">{words.tokenOnce}</p>
      <div className="account-actions">
        <button
          type="button"
          className="button button-primary"
          onClick={() => void copyText(secret).then((isCopied) => isCopied && notify(words.copied))}
        >
          {words.copy}
        </button>
        <button type="button" className="button" onClick={onDone}>
          {words.done}
        </button>
      </div>
    </div>
  );
}
