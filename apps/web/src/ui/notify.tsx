/** Short confirmations at the foot of the page, read out politely: "Link copied". */
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

type Notify = (text: string) => void;

const NotifyContext = createContext<Notify>(() => undefined);

export function useNotify(): Notify {
  return useContext(NotifyContext);
}

export function NotifyProvider({ children }: { readonly children: ReactNode }) {
  const [text, setText] = useState('');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const notify = useCallback((newText: string) => {
    clearTimeout(timer.current);
    setText(newText);
    timer.current = setTimeout(() => setText(''), SHOWN_MS);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <NotifyContext value={notify}>
      {children}
      {/* Without the role "status", which belongs to the document's status alone. */}
      <div className="toast-region" aria-live="polite">
        {text !== '' && <div className="toast">{text}</div>}
      </div>
    </NotifyContext>
  );
}
