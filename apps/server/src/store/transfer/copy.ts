/** Copies everything from one store to another, and compares two stores record by record. */
import { compareText } from '../../platform/core/text-order.ts';
import {
  keyOfRecord,
  sectionNames,
  type AnyRecord,
  type RecordKey,
  type RecordOf,
  type SectionName,
  type TransferSource,
  type TransferTarget,
} from '../ports/transfer-store.ts';

/** How far a copy got: all records up to this one are in the target. */
export interface TransferPlace {
  readonly section: SectionName;
  readonly after: RecordKey | null;
}

export interface TransferProgress {
  readonly section: SectionName;
  /** Of all sections until now. */
  readonly records: number;
}

export interface CopyOptions {
  /** Where to go on; null for the beginning. */
  readonly from?: TransferPlace | null;
  /** Kept durably after each page was written, so that a copy that was interrupted goes on there. */
  readonly reached?: (place: TransferPlace) => Promise<void>;
  readonly progress?: (progress: TransferProgress) => void;
}

/** Resolves to the number of records that were copied. */
export async function copyStore(
  source: TransferSource,
  target: TransferTarget,
  { from = null, reached = async () => {}, progress = () => {} }: CopyOptions = {},
): Promise<number> {
  let records = 0;
  const first = from === null ? 0 : sectionNames.indexOf(from.section);
  const copySection = async <S extends SectionName>(section: S): Promise<void> => {
    const after = section === from?.section ? from.after : null;
    for await (const page of source.pages(section, after)) {
      await target.write(section, page);
      const last = page.at(-1);
      if (last !== undefined) await reached({ section, after: keyOfRecord(section, last) });
      records += page.length;
      progress({ section, records });
    }
  };
  for (const section of sectionNames.slice(first)) await copySection(section);
  return records;
}

export interface Difference {
  readonly section: SectionName;
  readonly key: RecordKey;
  readonly kind: 'missing' | 'additional' | 'different';
}

/** What the second store holds otherwise than the first; as it is found. */
export async function* differences(
  expected: TransferSource,
  found: TransferSource,
  progress: (progress: TransferProgress) => void = () => {},
): AsyncGenerator<Difference> {
  let records = 0;
  for (const section of sectionNames) {
    const [left, right] = [recordsOf(expected, section), recordsOf(found, section)];
    let [one, other] = [await next(left), await next(right)];
    while (one !== null || other !== null) {
      const order = orderOf(section, one, other);
      if (order === 0 && JSON.stringify(one) !== JSON.stringify(other)) {
        yield { section, key: keyIn(section, one), kind: 'different' };
      }
      if (order < 0) yield { section, key: keyIn(section, one), kind: 'missing' };
      if (order > 0) yield { section, key: keyIn(section, other), kind: 'additional' };
      if (order <= 0) one = await next(left);
      if (order >= 0) other = await next(right);
      records += 1;
      if (records % 1_000 === 0) progress({ section, records });
    }
  }
}

/** In one sentence, for the administrator. Keys can be secret, as that of a kept answer: only documents are named. */
export function sentenceOf({ section, key, kind }: Difference): string {
  const [id, version] = section === 'documents' || section === 'batches' ? key : [];
  const what = id === undefined ? `A record of ${section}` : `Document ${id}${version === undefined ? '' : ` from version ${version}`}`; // prettier-ignore
  const how = { missing: 'is missing', additional: 'is not of the source', different: 'differs' };
  return `${what} ${how[kind]}.`;
}

async function* recordsOf(source: TransferSource, section: SectionName): AsyncGenerator<AnyRecord> {
  for await (const page of source.pages(section, null)) yield* page;
}

async function next(records: AsyncGenerator<AnyRecord>): Promise<AnyRecord | null> {
  const step = await records.next();
  return step.done === true ? null : step.value;
}

const keyIn = (section: SectionName, record: AnyRecord | null): RecordKey =>
  record === null ? [] : keyOfRecord(section, record as RecordOf<typeof section>);

/** Below 0 when the first is next, above when the second is; a stream that ended is behind everything. */
function orderOf(section: SectionName, one: AnyRecord | null, other: AnyRecord | null): number {
  if (one === null || other === null) return one === null ? (other === null ? 0 : 1) : -1;
  return compareKeys(keyIn(section, one), keyIn(section, other));
}

/** The order of the records of a section. */
export function compareKeys(one: RecordKey, other: RecordKey): number {
  for (const [place, part] of one.entries()) {
    const against = other[place];
    const order =
      typeof part === 'number' ? part - Number(against) : compareText(part, String(against));
    if (order !== 0) return order;
  }
  return 0;
}
