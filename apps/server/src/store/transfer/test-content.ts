/** All that a transfer gives, for tests to compare. */
import {
  sectionNames,
  type AnyRecord,
  type RecordOf,
  type SectionName,
  type TransferSource,
} from '../ports/transfer-store.ts';
import { batchOfRecord } from './batch-records.ts';

export type Content = Record<SectionName, readonly AnyRecord[]>;

export async function contentOf(source: TransferSource): Promise<Content> {
  const content: [SectionName, AnyRecord[]][] = [];
  for (const section of sectionNames) {
    const records: AnyRecord[] = [];
    for await (const page of source.pages(section, null)) records.push(...page);
    content.push([section, records]);
  }
  return Object.fromEntries(content) as unknown as Content;
}

/** With single operations instead of batches: one store keeps none. */
export function inBatches(content: Content): Content {
  const operations = content.batches.flatMap((record) => {
    const { firstVersion, epoch = 0, documentId, operations: all } = batchOfRecord(record as RecordOf<'batches'>); // prettier-ignore
    return all.map((operation, place) => ({ documentId, epoch, version: firstVersion + place, operation })); // prettier-ignore
  });
  return { ...content, batches: operations };
}
