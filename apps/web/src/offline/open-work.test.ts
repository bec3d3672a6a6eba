import { describe, expect, it } from 'vitest';
import { saveOpenWork, workIsOpen } from './open-work.ts';

describe('open work', () => {
  it('is saved completely, or the failure is reported', async () => {
    expect(await saveOpenWork()).toBe(true);
    const written: string[] = [];
    const save = (name: string, isWritten: boolean) => async () => {
      written.push(name);
      return isWritten;
    };
    const closeFirst = workIsOpen(save('first', true));
    const closeSecond = workIsOpen(save('second', false));
    expect(await saveOpenWork()).toBe(false);
    expect(written).toEqual(['first', 'second']);
    closeSecond();
    expect(await saveOpenWork()).toBe(true);
    const closeThird = workIsOpen(() => Promise.reject(new Error('The disk is full')));
    expect(await saveOpenWork()).toBe(false);
    closeThird();
    closeFirst();
  });

  it('registered twice is open until both are closed', async () => {
    let count = 0;
    const save = async () => (count += 1) > 0;
    const [closeOne, closeOther] = [workIsOpen(save), workIsOpen(save)];
    closeOne();
    await saveOpenWork();
    closeOther();
    await saveOpenWork();
    expect(count).toBe(1);
  });
});
