import { describe, expect, it } from 'vitest';
import { defaultReserve, DiskSpace } from './disk-space.ts';

const MB = 1024 * 1024;

/** A disk that the test fills, watched with a reserve of 64 MB. */
function disk(reserveBytes: number | null = 64 * MB) {
  const state = { free: 1_000 * MB, reusable: 0, now: 0, asked: 0 };
  const space = new DiskSpace({
    reserveBytes,
    size: () => {
      state.asked += 1;
      return { total: 4_096 * MB, free: state.free };
    },
    reusable: () => state.reusable,
    now: () => state.now,
  });
  const later = (change: Partial<typeof state>): boolean => {
    Object.assign(state, change, { now: state.now + 1_000 });
    return space.check();
  };
  return { space, state, later };
}

describe('saving', () => {
  it('is paused before the reserve is used, and resumes by itself with hysteresis', () => {
    const { later } = disk();
    expect(later({ free: 64 * MB })).toBe(false);
    expect(later({ free: 64 * MB - 1 })).toBe(true);
    // Not at once: or it would change with every file that comes and goes.
    expect(later({ free: 65 * MB })).toBe(true);
    expect(later({ free: 72 * MB })).toBe(false);
    expect(later({ free: 65 * MB })).toBe(false);
  });

  it('resumes with space freed inside the file, while the log has space', () => {
    const { later } = disk();
    expect(later({ free: 40 * MB, reusable: 10 * MB })).toBe(true);
    expect(later({ reusable: 40 * MB })).toBe(false);
    expect(later({ free: 31 * MB, reusable: 900 * MB })).toBe(true);
  });

  it('is paused for seconds after a write found no space, whatever the file system reports', () => {
    const { space, later } = disk();
    expect(later({})).toBe(false);
    space.foundFull();
    expect(space.isPaused).toBe(true);
    for (let second = 1; second < 5; second++) expect(later({})).toBe(true);
    expect(later({})).toBe(false);
  });

  it('checks the file system periodically, and after many bytes written', () => {
    const { space, state, later } = disk();
    later({});
    for (let write = 0; write < 100; write++) {
      space.written(1_000);
      space.check();
    }
    expect(state.asked).toBe(1);
    state.free = 0;
    space.written(2 * MB);
    expect(space.check()).toBe(true);
  });

  it('is not paused by a reserve of 0, nor where free space is unknown', () => {
    expect(disk(0).later({ free: 0 })).toBe(false);
    const mute = new DiskSpace({
      reserveBytes: null,
      size: () => {
        throw new Error('ENOSYS');
      },
      reusable: () => 0,
      now: () => 0,
    });
    expect(mute.check()).toBe(false);
    expect(mute.freeBytes).toBeNull();
  });
});

it('the reserve is a sixteenth of the disk, within bounds', () => {
  expect(defaultReserve({ total: 64 * MB })).toBe(32 * MB);
  expect(defaultReserve({ total: 1_024 * MB })).toBe(64 * MB);
  expect(defaultReserve({ total: 1e12 })).toBe(256 * MB);
});
