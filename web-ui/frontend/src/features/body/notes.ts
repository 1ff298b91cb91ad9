// What there is to say about a body besides its bytes.
import type { Body, Exchange, Text } from '../../api/types';
import { size } from '../../format/size';

export interface Note {
  text: string;
  /** Whether it is a lack, not just a fact. */
  serious: boolean;
}

/** The notes on `body` of `exchange`; `text` is its decoded form, if it has been fetched. */
export function bodyNotes(
  exchange: Pick<Exchange, 'state' | 'level' | 'scheme'>,
  body: Body,
  text: Pick<Text, 'note'> | null,
): Note[] {
  const notes: Note[] = [];
  const serious = (said: string) => notes.push({ text: said, serious: true });
  const plain = (said: string) => notes.push({ text: said, serious: false });
  const open = exchange.state === 'open';

  if (body.size === 0 && body.complete) plain('Empty.');
  else if (body.size === 0 && open) plain('Nothing has come yet.');
  if (body.stored_as === 'withheld') {
    serious('Withheld: redaction could not read it, so nothing of it is stored. too_large = "keep" would store it.');
  } else if (body.stored_as === 'redacted') {
    plain(`Decoded and redacted: ${size(body.stored)} are stored, secrets replaced. ${size(body.size)} passed.`);
    if (body.truncated) serious('Truncated: only its beginning is stored.');
  } else if (body.truncated && body.stored > 0) {
    serious(`Truncated: the first ${size(body.stored)} of ${size(body.size)} are stored.`);
  } else if (body.stored === 0 && body.size > 0 && !open) {
    serious(
      exchange.level === 'metadata'
        ? `Not stored: ${size(body.size)} passed while the recording was set to metadata.`
        : `Not stored: ${size(body.size)} passed.`,
    );
  } else if (body.stored < body.size && !open) {
    serious(`${size(body.stored)} of ${size(body.size)} are stored.`);
  }
  if (!body.complete && !open) serious(`Incomplete: it ended after ${size(body.size)}, before its end.`);
  if (!body.complete && open && body.size > 0) plain('Still coming…');
  if (body.end === 'tcp_close' && exchange.scheme === 'https') {
    plain('The server ended the connection here without close_notify: more may have been sent.');
  }
  if (text?.note != null) serious(text.note);
  return notes;
}
