import { describe, expect, it } from 'vitest';
import { LatePart } from './late-part.ts';

/** A part that a test loads, or fails to load, when it likes. */
function setUp() {
  const loads: { readonly resolve: (part: string) => void; readonly reject: () => void }[] = [];
  const part = new LatePart(
    () =>
      new Promise<string>((resolve, reject) => {
        loads.push({ resolve, reject: () => reject(new Error('No network')) });
      }),
  );
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return { part, loads, settled };
}

describe('a part of the page that is loaded late', () => {
  it('is loaded once, however often it is prepared, and tells when it is there', async () => {
    const { part, loads, settled } = setUp();
    let told = 0;
    part.subscribe(() => (told += 1));
    part.prepare();
    part.prepare();
    expect(loads).toHaveLength(1);
    expect(part.snapshot()).toBeNull();
    loads[0]?.resolve('menus');
    await settled();
    expect([part.snapshot(), told]).toEqual(['menus', 1]);
  });

  it('carries out the last request of the time before it was shown, once', async () => {
    const { part, loads, settled } = setUp();
    const opened: string[] = [];
    part.whenShown(() => opened.push('first'));
    part.whenShown(() => opened.push('second'));
    loads[0]?.resolve('menus');
    await settled();
    expect(opened).toEqual([]);
    const leave = part.shown();
    leave();
    part.shown();
    expect(opened).toEqual(['second']);
  });

  it('leaves a request to the part itself while that is shown', () => {
    const { part, loads } = setUp();
    part.shown();
    const opened: string[] = [];
    part.whenShown(() => opened.push('menu'));
    expect([opened, loads]).toEqual([[], []]);
  });

  it('tells of a failure only when something was asked of it, and is loaded again the next time', async () => {
    const { part, loads, settled } = setUp();
    let failures = 0;
    part.whenFailed(() => (failures += 1));
    part.prepare();
    loads[0]?.reject();
    await settled();
    expect(failures).toBe(0);
    part.whenShown(() => undefined);
    loads[1]?.reject();
    await settled();
    expect([failures, loads.length]).toEqual([1, 2]);
  });
});
