/** Chooses the language of the app on this device. A choice reloads the page; edits are stored as on any reload. */
import { chosenLanguage, chooseLanguage, languages, type Language } from '../i18n/language.ts';
import { messages } from '../i18n/messages.ts';
import { Dialog } from '../ui/dialog.tsx';

const words = messages.account;
const codes = Object.keys(languages) as readonly Language[];

export function LanguageDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog heading={words.language} onClose={onClose}>
      {() => (
        <select
          className="field select"
          aria-label={words.language}
          data-focus-first
          value={chosenLanguage() ?? ''}
          onChange={({ currentTarget: { value } }) =>
            chooseLanguage(codes.find((code) => code === value) ?? null)
          }
        >
          <option value="">{words.languageOfBrowser}</option>
          {codes.map((code) => (
            <option key={code} value={code} lang={code}>
              {languages[code]}
            </option>
          ))}
        </select>
      )}
    </Dialog>
  );
}
