import { DocumentText, insertAt, removeAt } from '@concord/ot';
import { describe, expect, it } from 'vitest';
import { Mirror } from './mirror.ts';

const mirrorOf = (text: string, count = 10): Mirror => {
  const mirror = new Mirror();
  mirror.replaced(DocumentText.from(text), count);
  return mirror;
};

describe('a mirror', () => {
  it('follows nothing before it was told everything', () => {
    const mirror = new Mirror();
    expect(mirror.isFollowing).toBe(false);
    expect(mirror.changed(insertAt(0, 'a'), 0)).not.toBeNull();
    expect(mirrorOf('').isFollowing).toBe(true);
  });

  it('shows the leader’s changes with what was typed here on top', () => {
    const mirror = mirrorOf('one three');
    mirror.edit(insertAt(9, ' four'));
    expect(mirror.changed(insertAt(4, 'two '), 11)).toEqual(insertAt(4, 'two '));
    expect(mirror.visible.toString()).toBe('one two three four');
    expect(mirror.base.toString()).toBe('one two three');
    expect(mirror.base.apply(mirror.typed).toString()).toBe('one two three four');
  });

  it('notices that a change was missed, and shows nothing of what came after it', () => {
    const mirror = mirrorOf('one');
    expect(mirror.changed(insertAt(3, ' three'), 12)).toBeNull();
    expect(mirror.visible.toString()).toBe('one');
    mirror.edit(insertAt(3, '!'));
    mirror.replaced(DocumentText.from('one two three'), 12);
    expect(mirror.changed(removeAt(0, 4), 13)).not.toBeNull();
    expect(mirror.base.toString()).toBe('two three');
    expect(mirror.visible.lengthCodePoints).toBe('two three!'.length);
  });

  it('waits for nothing when what was typed was taken back', () => {
    const mirror = mirrorOf('one');
    mirror.edit(insertAt(3, '!'));
    expect([mirror.isWaiting, mirror.typedEdits]).toEqual([true, 1]);
    mirror.edit(removeAt(3, 1));
    expect(mirror.isWaiting).toBe(false);
  });
});
