import { describe, expect, it } from 'vitest';
import { LatePart } from './late-part.ts';

/** A part whose loading the test completes or fails. */
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

describe('a lazily loaded part of the page', () => {
  it('is loaded once for repeated `prepare` calls, and notifies subscribers', async () => {
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

  it('runs the last request made before it was shown, exactly once', async () => {
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

  it('ignores requests while the part is shown, which handles them itself', () => {
    const { part, loads } = setUp();
    part.shown();
    const opened: string[] = [];
    part.whenShown(() => opened.push('menu'));
    expect([opened, loads]).toEqual([[], []]);
  });

  it('reports a failure only if a request was pending, and retries loading the next time', async () => {
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
