/** Texts of the review after a merge. */
import { t } from '../i18n/text.ts';

export const mergeMessages = {
  review: t({ id: 'merge.review', defaultMessage: 'Review' }),
  reviewLater: t({ id: 'merge.reviewLater', defaultMessage: 'Review merge' }),
  heading: t({ id: 'merge.heading', defaultMessage: 'Review merge' }),
  summary: (edits: number): string =>
    t(
      {
        id: 'merge.summary',
        defaultMessage:
          '{edits, plural, one {Your # change was merged with what others wrote meanwhile.} other {Your # changes were merged with what others wrote meanwhile.}}',
      },
      { edits },
    ),
  overlapping: (count: number): string =>
    t(
      {
        id: 'merge.overlapping',
        defaultMessage:
          '{count, plural, one {# passage was changed on both sides. Look whether it reads well, or keep one side.} other {# passages were changed on both sides. Look whether they read well, or keep one side.}}',
      },
      { count },
    ),
  nothingOverlaps: t({
    id: 'merge.nothingOverlaps',
    defaultMessage: 'Nothing you wrote touches what others wrote.',
  }),
  allDecided: t({ id: 'merge.allDecided', defaultMessage: 'Everything is decided.' }),
  showMore: (count: number): string =>
    t(
      {
        id: 'merge.showMore',
        defaultMessage: '{count, plural, one {Show # more passage} other {Show # more passages}}',
      },
      { count },
    ),
  done: t({ id: 'merge.done', defaultMessage: 'Done' }),
  doneHint: t({ id: 'merge.doneHint', defaultMessage: 'Closes this review for good.' }),
  readOnly: t({
    id: 'merge.readOnly',
    defaultMessage: 'You can read this document, but not change it.',
  }),

  line: (line: number): string => t({ id: 'merge.line', defaultMessage: 'Line {line}' }, { line }),
  showInText: t({ id: 'merge.showInText', defaultMessage: 'Show in the text' }),
  mine: t({ id: 'merge.mine', defaultMessage: 'Mine' }),
  theirs: t({ id: 'merge.theirs', defaultMessage: 'Theirs' }),
  keepBoth: t({ id: 'merge.keepBoth', defaultMessage: 'Keep both' }),
  keepMine: t({ id: 'merge.keepMine', defaultMessage: 'Keep mine' }),
  keepTheirs: t({ id: 'merge.keepTheirs', defaultMessage: 'Keep theirs' }),
  state: {
    undecided: t({ id: 'merge.state.undecided', defaultMessage: 'Both are in the text' }),
    both: t({ id: 'merge.state.both', defaultMessage: 'Kept both' }),
    mine: t({ id: 'merge.state.mine', defaultMessage: 'Kept mine' }),
    theirs: t({ id: 'merge.state.theirs', defaultMessage: 'Kept theirs' }),
    asItIs: t({ id: 'merge.state.asItIs', defaultMessage: 'Left as it is' }),
    changed: t({ id: 'merge.state.changed', defaultMessage: 'Changed since' }),
  },
  presentText: t({ id: 'merge.presentText', defaultMessage: 'In the text now' }),
  presentRemoved: t({
    id: 'merge.presentRemoved',
    defaultMessage: 'This passage is not in the text any more.',
  }),
  changedHint: t({
    id: 'merge.changedHint',
    defaultMessage: 'This passage was edited after the merge. Nothing of that is overwritten.',
  }),
  leaveAsItIs: t({ id: 'merge.leaveAsItIs', defaultMessage: 'Leave as it is' }),
  addMine: t({ id: 'merge.addMine', defaultMessage: 'Add mine below' }),
  addTheirs: t({ id: 'merge.addTheirs', defaultMessage: 'Add theirs below' }),

  others: (count: number): string =>
    t(
      {
        id: 'merge.others',
        defaultMessage:
          '{count, plural, one {# other change did not touch another} other {# other changes did not touch each other}}',
      },
      { count },
    ),
  onlyOthers: (count: number): string =>
    t(
      {
        id: 'merge.onlyOthers',
        defaultMessage: '{count, plural, one {Show the # change} other {Show the # changes}}',
      },
      { count },
    ),
  othersMore: (count: number): string =>
    t(
      { id: 'merge.othersMore', defaultMessage: '{count, plural, one {# more} other {# more}}' },
      { count },
    ),
  byMe: t({ id: 'merge.byMe', defaultMessage: 'Mine' }),
  byOthers: t({ id: 'merge.byOthers', defaultMessage: 'Theirs' }),
  alike: t({ id: 'merge.alike', defaultMessage: 'Both, alike' }),
  inserted: t({ id: 'merge.inserted', defaultMessage: 'Inserted: ' }),
  removed: t({ id: 'merge.removed', defaultMessage: 'Removed: ' }),
} as const;
