/** Two types of effects, as different as they come: a mark, which hangs on a place, and a note, of which the last one counts. */
import type * as ot from '@concord/ot';
import type { Anchor, EffectType, EffectTypes } from '@concord/ot';

/** What the types are made of: of the cores under test, or of the checkers' own copy. */
export type EffectTools = Pick<
  typeof ot,
  'EffectTypes' | 'moveAnchor' | 'moveAnchors' | 'parseAnchor'
>;

/** `id` is used once in a world. */
export interface Mark {
  readonly id: string;
  readonly anchor: Anchor;
}
type Places = Readonly<Record<string, { readonly anchor: Anchor }>>;
/** By the last two digits of the id: a world may have hundreds of marks, and each state is a copy of the one before. */
export type Marks = Readonly<Record<string, Places>>;

/** All marks of a state with their ids. */
export const placesIn = (marks: Marks): [string, { readonly anchor: Anchor }][] =>
  Object.values(marks).flatMap((places) => Object.entries(places));

const shareOf = (id: string): string => `..${id.slice(-2)}`;

const ID = /^[mx]\d+$/;

export function markTypes({
  EffectTypes,
  moveAnchor,
  moveAnchors,
  parseAnchor,
}: EffectTools): EffectTypes {
  const mark: EffectType<Mark, Marks> = {
    name: 'mark',
    parse(candidate, length) {
      const { id, anchor, ...others } = (candidate ?? {}) as Partial<Mark>;
      const parsed = parseAnchor(anchor, length);
      const isSound = typeof id === 'string' && ID.test(id) && Object.keys(others).length === 0;
      return isSound && parsed !== null ? { id, anchor: parsed } : null;
    },
    move(value, operation) {
      const anchor = moveAnchor(value.anchor, operation);
      return anchor === value.anchor ? value : { ...value, anchor };
    },
    empty: {},
    apply(state, { id, anchor }) {
      const share = shareOf(id);
      return { ...state, [share]: { ...state[share], [id]: { anchor } } };
    },
    moveState(state, operation) {
      let moved: Record<string, Places> | null = null;
      for (const [share, places] of Object.entries(state)) {
        const next = moveAnchors(places, operation);
        if (next !== places) (moved ??= { ...state })[share] = next;
      }
      return moved ?? state;
    },
  };
  const note: EffectType<string, string> = {
    name: 'note',
    parse: (candidate) => (typeof candidate === 'string' && ID.test(candidate) ? candidate : null),
    move: (value) => value,
    compose: (_first, second) => second,
    empty: '',
    apply: (_state, value) => value,
    moveState: (state) => state,
  };
  return new EffectTypes([mark, note]);
}
