/** The lines of a gzip file, with bounded memory. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { BackupError } from './backup-format.ts';

/** The lines of the unpacked file; what stands behind the last line feed is not a line. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  const unpacked = createGunzip();
  // What fails ends the stream that is read below, with the error.
  pipeline(createReadStream(file), unpacked, () => {});
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of unpacked) {
    const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') throw new BackupError(`${file} ends in the middle of a line.`);
}
