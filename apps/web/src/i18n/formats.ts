/** Numbers, lists and times in the language of the page. */
import { locale } from './catalogue.ts';

const numbers = new Intl.NumberFormat(locale);
const sizes = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const both = new Intl.ListFormat(locale, { type: 'conjunction' });
const either = new Intl.ListFormat(locale, { type: 'disjunction' });
const dateTimes = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const longDateTimes = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' });
const relativeTimes = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

const MB = 1024 * 1024;
const GB = 1024 * MB;

export const formatNumber = (value: number): string => numbers.format(value);
/** "Ann and Bob" */
export const listOfAll = (items: readonly string[]): string => both.format(items);
/** "view or edit" */
export const listOfChoices = (items: readonly string[]): string => either.format(items);
export const formatDateTime = (timeMs: number): string => dateTimes.format(timeMs);
export const formatLongDateTime = (timeMs: number): string => longDateTimes.format(timeMs);
export const formatRelativeTime = (value: number, unit: Intl.RelativeTimeFormatUnit): string =>
  relativeTimes.format(value, unit);
/** "1.5 GB", in units of 1024 as the server counts. */
export const formatBytes = (bytes: number): string =>
  bytes < GB ? `${sizes.format(bytes / MB)} MB` : `${sizes.format(bytes / GB)} GB`;
