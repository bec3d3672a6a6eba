import { DocumentText } from '@concord/ot';
import { randomClientId, randomDocumentId } from '@concord/protocol';
import { describe, expect, it } from 'vitest';
import { newReplica } from './core/new-replica.ts';
import { QueueStoreError, SupersededError, type QueueStore } from './ports.ts';
import { QueueWriter } from './queue-writer.ts';
import type { Replica } from './core/replica.ts';

interface Write {
  readonly epoch: number;
  readonly how: string;
  readonly ends: (error?: Error) => void;
}

/** A queue store whose writes the test completes by hand. */
class Scene {
  readonly writes: Write[] = [];
  readonly told: string[] = [];
  readonly writer: QueueWriter;

  constructor(kept: DocumentText | null = null) {
    const store: QueueStore = {
      load: async () => null,
      list: async () => [],
      remove: async () => undefined,
      save: ({ epoch }, how) =>
        new Promise((resolve, reject) => {
          const ends = (error?: Error): void => (error === undefined ? resolve() : reject(error));
          this.writes.push({ epoch, how, ends });
        }),
    };
    this.writer = new QueueWriter(store, kept, (ticket, outcome) =>
      this.told.push(`${ticket} ${outcome}`),
    );
  }

  get begun(): readonly string[] {
    return this.writes.map(({ epoch, how }) => `${epoch} ${how}`);
  }

  async ends(place: number, error?: Error): Promise<void> {
    this.writes[place]?.ends(error);
    await new Promise(setImmediate);
  }
}

const replica = newReplica(randomDocumentId(), randomClientId());
const at = (epoch: number): Replica => ({ ...replica, epoch });

describe('the writer of the queue', () => {
  it('coalesces waiting writes (latest wins), with the strictest durability of those replaced', async () => {
    const scene = new Scene();
    scene.writer.write(at(1), 'relaxed', 1);
    scene.writer.write(at(2), 'strict', 2);
    scene.writer.write(at(3), 'relaxed', 3);
    expect(scene.begun).toEqual(['1 relaxed']);
    await scene.ends(0);
    expect(scene.begun).toEqual(['1 relaxed', '3 strict']);
    await scene.ends(1);
    expect(scene.told).toEqual(['1 saved', '2 saved', '3 saved']);
  });

  it('continues after a failed write, and reports each failure', async () => {
    const scene = new Scene();
    scene.writer.write(at(1), 'relaxed', 1);
    scene.writer.write(at(2), 'relaxed', 2);
    await scene.ends(0, new QueueStoreError('full'));
    await scene.ends(1, new SupersededError('taken'));
    expect(scene.told).toEqual(['1 saveFailed', '2 superseded']);
  });

  it('keeps a bounded number of writes in flight while the confirmed text stays the same', async () => {
    const scene = new Scene();
    scene.writer.write(at(1), 'relaxed', 1);
    scene.writer.write(at(2), 'relaxed', 2);
    expect(scene.begun).toEqual(['1 relaxed']);
    // From here on the text is stored.
    await scene.ends(0);
    for (let epoch = 3; epoch <= 8; epoch++) scene.writer.write(at(epoch), 'relaxed', epoch);
    expect(scene.begun.slice(1)).toEqual(['2 relaxed', '3 relaxed', '4 relaxed', '5 relaxed']);
    await scene.ends(1);
    expect(scene.begun.slice(5)).toEqual(['8 relaxed']);
    for (const place of [2, 3, 4, 5]) await scene.ends(place);
    expect(scene.told).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((ticket) => `${ticket} saved`));
  });

  it('keeps several writes in flight at once when the text was stored from the start', async () => {
    const scene = new Scene(replica.confirmed);
    for (let epoch = 1; epoch <= 3; epoch++) scene.writer.write(at(epoch), 'relaxed', epoch);
    expect(scene.begun).toEqual(['1 relaxed', '2 relaxed', '3 relaxed']);
  });

  it('waits for a pending write of the text, and after a failed one', async () => {
    const scene = new Scene();
    const changed = (epoch: number): Replica => ({ ...at(epoch), confirmed: other });
    const other = DocumentText.from('others wrote');
    scene.writer.write(at(1), 'relaxed', 1);
    await scene.ends(0);
    scene.writer.write(changed(2), 'relaxed', 2);
    scene.writer.write(changed(3), 'relaxed', 3);
    expect(scene.begun.slice(1)).toEqual(['2 relaxed']);
    await scene.ends(1, new QueueStoreError('full'));
    scene.writer.write(changed(4), 'relaxed', 4);
    expect(scene.begun.slice(2)).toEqual(['3 relaxed']);
    await scene.ends(2);
    expect(scene.begun.slice(3)).toEqual(['4 relaxed']);
    await scene.ends(3);
    expect(scene.told).toEqual(['1 saved', '2 saveFailed', '3 saved', '4 saved']);
  });

  it('writes the newest replica at once when the page may unload', async () => {
    const scene = new Scene();
    scene.writer.hurry();
    expect(scene.begun).toEqual([]);
    scene.writer.write(at(1), 'strict', 1);
    scene.writer.write(at(2), 'strict', 2);
    scene.writer.hurry();
    scene.writer.hurry();
    expect(scene.begun).toEqual(['1 strict', '2 strict']);
    for (const place of [0, 1]) await scene.ends(place);
    expect(scene.told).toEqual(['1 saved', '2 saved']);
  });

  it('flushes with strict durability, and resolves to whether that succeeded', async () => {
    const scene = new Scene();
    const flushed = [scene.writer.flush(at(1)), scene.writer.flush(at(2))];
    await scene.ends(0);
    await scene.ends(1, new QueueStoreError('full'));
    expect(await Promise.all(flushed)).toEqual([true, false]);
    expect(scene.begun).toEqual(['1 strict', '2 strict']);
    expect(scene.told).toEqual([]);
  });

  it('is idle when no write is in flight or waiting', async () => {
    const scene = new Scene();
    await scene.writer.whenIdle();
    scene.writer.write(at(1), 'relaxed', 1);
    scene.writer.write(at(2), 'relaxed', 2);
    let isIdle = false;
    void scene.writer.whenIdle().then(() => (isIdle = true));
    await scene.ends(0);
    expect(isIdle).toBe(false);
    await scene.ends(1);
    expect(isIdle).toBe(true);
  });
});
