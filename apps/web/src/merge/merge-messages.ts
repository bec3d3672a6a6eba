/** Texts of the review after a merge. */
import { plural } from '../i18n/plural.ts';

export const mergeMessages = {
  review: 'Review',
  reviewLater: 'Review merge',
  heading: 'Review merge',
  summary: (edits: number): string =>
    plural(edits, {
      one: 'Your # change was merged with what others wrote meanwhile.',
      other: 'Your # changes were merged with what others wrote meanwhile.',
    }),
  overlapping: (count: number): string =>
    plural(count, {
      one: '# passage was changed on both sides. Look whether it reads well, or keep one side.',
      other:
        '# passages were changed on both sides. Look whether they read well, or keep one side.',
    }),
  nothingOverlaps: 'Nothing you wrote touches what others wrote.',
  allDecided: 'Everything is decided.',
  showMore: (count: number): string =>
    plural(count, { one: 'Show # more passage', other: 'Show # more passages' }),
  done: 'Done',
  doneHint: 'Closes this review for good.',
  readOnly: 'You can read this document, but not change it.',

  line: (line: number): string => `Line ${line}`,
  showInText: 'Show in the text',
  mine: 'Mine',
  theirs: 'Theirs',
  keepBoth: 'Keep both',
  keepMine: 'Keep mine',
  keepTheirs: 'Keep theirs',
  state: {
    undecided: 'Both are in the text',
    both: 'Kept both',
    mine: 'Kept mine',
    theirs: 'Kept theirs',
    asItIs: 'Left as it is',
    changed: 'Changed since',
  },
  presentText: 'In the text now',
  presentRemoved: 'This passage is not in the text any more.',
  changedHint: 'This passage was edited after the merge. Nothing of that is overwritten.',
  leaveAsItIs: 'Leave as it is',
  addMine: 'Add mine below',
  addTheirs: 'Add theirs below',

  others: (count: number): string =>
    plural(count, {
      one: '# other change did not touch another',
      other: '# other changes did not touch each other',
    }),
  onlyOthers: (count: number): string =>
    plural(count, { one: 'Show the # change', other: 'Show the # changes' }),
  othersMore: (count: number): string => plural(count, { one: '# more', other: '# more' }),
  byMe: 'Mine',
  byOthers: 'Theirs',
  alike: 'Both, alike',
  inserted: 'Inserted: ',
  removed: 'Removed: ',
} as const;
