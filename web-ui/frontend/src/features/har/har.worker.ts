// Reads a HAR file apart from the page, which goes on meanwhile, and keeps what it found.
import * as texts from '../../texts/har';
import { HarFault, readHar, type Entry, type Har, type Row } from './har';

export type Asked = { file: File } | { entry: number };
export type Answered =
  | { kind: 'rows'; rows: Row[]; creator: string }
  | { kind: 'entry'; entry: Entry | null }
  | { kind: 'problem'; problem: string };

let har: Har | null = null;

const answer = (message: Answered) => postMessage(message);

async function read(file: File): Promise<void> {
  try {
    har = readHar(await file.text());
    answer({ kind: 'rows', rows: har.rows, creator: har.creator });
  } catch (error) {
    const why = error instanceof HarFault ? error.message : texts.cannotBeRead(String(error));
    answer({ kind: 'problem', problem: why });
  }
}

addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  if ('file' in data) void read(data.file);
  else answer({ kind: 'entry', entry: har?.entry(data.entry) ?? null });
});
