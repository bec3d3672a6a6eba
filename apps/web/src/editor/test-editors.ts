/** For tests: editors without a DOM, and a server that only orders the clients' operations. */
import { history, redo, undo } from '@codemirror/commands';
import { EditorState, type Extension, type TransactionSpec } from '@codemirror/state';
import {
  acknowledge,
  edit,
  emptyBuffer,
  freeze,
  receive,
  type Buffer,
  type DocumentClientEvents,
  type TextChanged,
} from '@concord/client';
import { DocumentText, type TextOperation } from '@concord/ot';
import { ClientBinding, documentLines, type EditableClient, type EditorHost } from './binding.ts';
import { remoteCarets } from './remote-carets.ts';

const limits = { components: 1_000, bytes: 64 * 1024, messageBytes: 128 * 1024 };

/** The server's log of operations with their authors. */
export class TestServer {
  readonly log: { readonly author: string; readonly operation: TextOperation }[] = [];
}

/** The client's real buffer, without transport, storage or timers. */
export class TestClient implements EditableClient {
  readonly #server: TestServer;
  readonly #name: string;
  readonly #listeners = new Set<(change: TextChanged) => void>();
  #buffer: Buffer;
  selection: { readonly anchor: number; readonly head: number } | null = null;

  constructor(server: TestServer, name: string, text: string) {
    this.#server = server;
    this.#name = name;
    const confirmed = DocumentText.from(text);
    this.#buffer = { ...emptyBuffer, confirmed, visible: confirmed };
  }

  get documentText(): DocumentText {
    return this.#buffer.visible;
  }

  edit(operation: TextOperation): void {
    const before = this.#buffer.visible;
    this.#buffer = edit(this.#buffer, operation);
    this.#tell({ before, after: this.#buffer.visible, operation, origin: 'local' });
  }

  setSelection(selection: TestClient['selection']): void {
    this.selection = selection;
  }

  on<E extends keyof DocumentClientEvents>(
    event: E,
    listener: DocumentClientEvents[E],
  ): () => void {
    if (event !== 'change') return () => undefined;
    const onChange = listener as (change: TextChanged) => void;
    this.#listeners.add(onChange);
    return () => void this.#listeners.delete(onChange);
  }

  /** Receives the next operation of the log, if there is one. */
  receiveNext(): boolean {
    const next = this.#server.log[this.#buffer.version];
    if (next === undefined) return false;
    const before = this.#buffer.visible;
    const received = receive(this.#buffer, next.operation, this.#buffer.version + 1, []);
    this.#buffer = received.buffer;
    this.#tell({
      before,
      after: this.#buffer.visible,
      operation: received.visibleOperation,
      origin: 'remote',
      author: next.author,
    });
    return true;
  }

  /** Commits the in-flight and pending edits after receiving the rest of the log. */
  commit(): void {
    while (this.receiveNext());
    if (this.#buffer.inFlight === null) {
      if (this.#buffer.pending.length === 0) return;
      this.#buffer = freeze(this.#buffer, limits);
    }
    const operation = this.#buffer.inFlight?.op;
    if (operation === undefined) return;
    this.#server.log.push({ author: this.#name, operation });
    this.#buffer = acknowledge(this.#buffer, {});
  }

  #tell(change: TextChanged): void {
    if (change.operation.length === 0) return;
    for (const listener of this.#listeners) listener(change);
  }
}

/** An editor state bound to a client, as the page binds a view. */
export class TestEditor implements EditorHost {
  readonly client: TestClient;
  readonly binding: ClientBinding;
  state: EditorState;

  constructor(server: TestServer, name: string, text = '', extension: Extension = []) {
    this.client = new TestClient(server, name, text);
    this.state = EditorState.create({
      doc: text,
      extensions: [
        documentLines,
        history(),
        remoteCarets,
        EditorState.allowMultipleSelections.of(true),
        extension,
      ],
    });
    this.binding = new ClientBinding(this.client, this);
  }

  get text(): string {
    return this.state.doc.toString();
  }

  dispatch(spec: TransactionSpec): void {
    const transaction = this.state.update(spec);
    this.state = transaction.state;
    this.binding.transactionsApplied([transaction]);
  }

  undo(): void {
    undo({ state: this.state, dispatch: (transaction) => this.#apply(transaction) });
  }

  redo(): void {
    redo({ state: this.state, dispatch: (transaction) => this.#apply(transaction) });
  }

  #apply(transaction: Parameters<Parameters<typeof undo>[0]['dispatch']>[0]): void {
    this.state = transaction.state;
    this.binding.transactionsApplied([transaction]);
  }
}
