/** Reads a backup, and proves that it is whole: by counts and SHA-256 of each section and of all, and gzip's own checksum. */
import {
  PAGE_BYTES,
  PAGE_RECORDS,
  recordSchemas,
  sectionNames,
  type AnyRecord,
  type RecordOf,
  type SectionName,
} from '../../store/ports/transfer-store.ts';
import {
  BACKUP_VERSION,
  BackupError,
  endSchema,
  headerSchema,
  LineHash,
  sectionEndSchema,
  sectionSchema,
  type BackupHeader,
} from './backup-format.ts';
import { linesOf } from './backup-lines.ts';
import { damaged, readTables } from './tables-format.ts';

export interface ReadBackup {
  readonly header: BackupHeader;
  readonly rows: number;
}

/** Takes records of a section, some at a time. */
export type VisitRecords = <S extends SectionName>(
  section: S,
  records: readonly RecordOf<S>[],
) => Promise<void>;

/** Reads all of it, of any version. Rejects with {@link BackupError} when it is not whole. */
export async function checkBackup(file: string): Promise<ReadBackup> {
  return explained(file, async () => {
    const header = await headerOf(file);
    return header.version === 1 ? readTables(file) : read(file, async () => {});
  });
}

/** Reads the records. Rejects with {@link BackupError} when it is not whole, after what was visited until there. */
export function readRecords(file: string, visit: VisitRecords): Promise<ReadBackup> {
  return explained(file, () => read(file, visit));
}

/** With {@link BackupError} for what can be wrong with a file. */
export async function explained<A>(file: string, work: () => Promise<A>): Promise<A> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BackupError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new BackupError(`${file} is not a whole backup of Concord: ${reason}.`, { cause: error });
  }
}

async function headerOf(file: string): Promise<BackupHeader> {
  for await (const line of linesOf(file)) {
    const header = headerSchema.parse(JSON.parse(line));
    if (header.version <= BACKUP_VERSION) return header;
    throw new BackupError(`${file} was made by a newer version of Concord: restore it with that.`);
  }
  throw new BackupError(`${file} is empty.`);
}

async function read(file: string, visit: VisitRecords): Promise<ReadBackup> {
  const hash = new LineHash();
  let header: BackupHeader | null = null;
  let section: OpenSection | null = null;
  let rows = 0;
  let isEnded = false;
  for await (const line of linesOf(file)) {
    if (isEnded) throw new BackupError(`${file} goes on behind its end.`);
    const value: unknown = JSON.parse(line);
    if (header === null) {
      header = headerSchema.parse(value);
    } else if (Array.isArray(value)) {
      if (section === null) throw new BackupError(`${file} has a record without its section.`);
      await section.add(line, value);
      rows += 1;
    } else if (section !== null) {
      await section.end(sectionEndSchema.parse(value));
      section = null;
    } else if (sectionSchema.safeParse(value).success) {
      section = new OpenSection(file, sectionSchema.parse(value), visit);
    } else {
      const end = endSchema.parse(value);
      if (end.rows !== rows || end.sha256 !== hash.digest()) throw damaged(file);
      isEnded = true;
      continue;
    }
    hash.add(line);
  }
  if (header === null || !isEnded) throw new BackupError(`${file} ends before its end.`);
  return { header, rows };
}

/** A section whose end was not read yet. */
class OpenSection {
  readonly #file: string;
  readonly #name: SectionName;
  readonly #fields: readonly string[];
  readonly #visit: VisitRecords;
  readonly #hash = new LineHash();
  #rows = 0;
  #page: AnyRecord[] = [];
  #bytes = 0;

  constructor(
    file: string,
    { section, fields }: { readonly section: string; readonly fields: readonly string[] },
    visit: VisitRecords,
  ) {
    const name = sectionNames.find((each) => each === section);
    if (name === undefined) throw new BackupError(`${file} has a section that this version does not know: ${section}.`); // prettier-ignore
    this.#file = file;
    this.#name = name;
    this.#fields = fields;
    this.#visit = visit;
  }

  async add(line: string, values: readonly unknown[]): Promise<void> {
    if (values.length !== this.#fields.length) throw damaged(this.#file);
    const fields = this.#fields.map((field, place) => [field, values[place]] as const);
    this.#page.push(recordSchemas[this.#name].parse(Object.fromEntries(fields)));
    this.#hash.add(line);
    this.#rows += 1;
    this.#bytes += line.length;
    if (this.#page.length >= PAGE_RECORDS || this.#bytes >= PAGE_BYTES) await this.#give();
  }

  async end({
    sectionEnd,
    rows,
    sha256,
  }: {
    readonly sectionEnd: string;
    readonly rows: number;
    readonly sha256: string;
  }): Promise<void> {
    // prettier-ignore
    const isWhole = sectionEnd === this.#name && rows === this.#rows && sha256 === this.#hash.digest(); // prettier-ignore
    if (!isWhole) throw damaged(this.#file);
    await this.#give();
  }

  async #give(): Promise<void> {
    const page = this.#page;
    this.#page = [];
    this.#bytes = 0;
    if (page.length > 0) await this.#visit(this.#name, page);
  }
}
