/**
 * Which checkpoints of a document are kept: the newest, and older ones the sparser the older they are, so that any
 * version is reached by replaying a fraction of the operations since, from a number of checkpoints that grows with the
 * logarithm of the log. Pure, so that every store thins alike.
 */

export interface KeptCheckpoint {
  readonly version: number;
  /** Of its compressed text, and of the state of effects as UTF-8. */
  readonly bytes: number;
}

/** Replaying so many operations costs little at any age. */
const NEAR_VERSIONS = 1_000;
/** A checkpoint goes when its neighbours are nearer to each other than this share of its age. */
const GAP_PER_AGE = 0.5;
/** What the older ones of a document may take together; of a long text, as much as two of the newest. */
const OLDER_BYTES = 256 * 1024;
const OLDER_BYTES_PER_NEWEST = 2;

/**
 * @param kept in the order of their versions
 * @returns versions to be thrown away; never the newest
 */
export function superfluousCheckpoints(kept: readonly KeptCheckpoint[]): readonly number[] {
  const newest = kept.at(-1);
  if (newest === undefined) return [];
  const left = kept.slice(0, -1);
  const bytesMax = Math.max(OLDER_BYTES, OLDER_BYTES_PER_NEWEST * newest.bytes);
  let bytes = left.reduce((sum, each) => sum + each.bytes, 0);
  /** The gap that throwing it away would leave, beside its age. */
  const gapPerAge = (place: number): number => {
    const { version } = left[place] ?? newest;
    const gap = (left[place + 1] ?? newest).version - (left[place - 1]?.version ?? 0);
    return gap / Math.max(NEAR_VERSIONS, newest.version - version);
  };
  const gone: number[] = [];
  while (left.length > 0) {
    const gaps = left.map((_, place) => gapPerAge(place));
    const smallest = Math.min(...gaps);
    if (smallest >= GAP_PER_AGE && bytes <= bytesMax) break;
    for (const { version, bytes: freed } of left.splice(gaps.indexOf(smallest), 1)) {
      gone.push(version);
      bytes -= freed;
    }
  }
  return gone;
}
