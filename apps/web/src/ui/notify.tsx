/** Toasts at the bottom of the page, announced politely: "Link copied"; some can be undone. */
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
  type ReactNode,
} from 'react';

const SHOWN_MS = 4_000;
/** Long enough to read it, to decide, and to reach the button by keyboard. */
const SHOWN_WITH_ACTION_MS = 12_000;

export interface NotifyAction {
  readonly label: string;
  readonly act: () => void;
}

type Notify = (text: string, action?: NotifyAction) => void;

interface Notice {
  readonly text: string;
  readonly action?: NotifyAction | undefined;
}

const NotifyContext = createContext<Notify>(() => undefined);

export function useNotify(): Notify {
  return useContext(NotifyContext);
}

export function NotifyProvider({ children }: { readonly children: ReactNode }) {
  const [notice, setNotice] = useState<Notice | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const notify = useCallback((text: string, action?: NotifyAction) => {
    clearTimeout(timer.current);
    setNotice({ text, action });
    const shownMs = action === undefined ? SHOWN_MS : SHOWN_WITH_ACTION_MS;
    timer.current = setTimeout(() => setNotice(null), shownMs);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <NotifyContext value={notify}>
      {children}
      {/* No role "status", which is reserved for the document's status line. */}
      <div className="toast-region" aria-live="polite">
        {notice !== null && (
          <div className="toast">
            <span>{notice.text}</span>
            {notice.action !== undefined && (
              <button
                type="button"
                className="toast-action"
                onClick={() => {
                  setNotice(null);
                  notice.action?.act();
                }}
              >
                {notice.action.label}
              </button>
            )}
          </div>
        )}
      </div>
    </NotifyContext>
  );
}
