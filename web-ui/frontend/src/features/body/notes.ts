// What there is to say about a body besides its bytes.
import type { Body, Exchange, Text } from '../../api/types';
import { size } from '../../format/size';
import * as texts from '../../texts/body';

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

  if (body.size === 0 && body.complete) plain(texts.empty);
  else if (body.size === 0 && open) plain(texts.nothingYet);
  if (body.stored_as === 'withheld') {
    serious(texts.withheld);
  } else if (body.stored_as === 'redacted') {
    plain(texts.redacted(size(body.stored), size(body.size)));
    if (body.truncated) serious(texts.redactedTruncated);
  } else if (body.truncated && body.stored > 0) {
    serious(texts.truncated(size(body.stored), size(body.size)));
  } else if (body.stored === 0 && body.size > 0 && !open) {
    serious(
      exchange.level === 'metadata' ? texts.notStoredMetadata(size(body.size)) : texts.notStored(size(body.size)),
    );
  } else if (body.stored < body.size && !open) {
    serious(texts.storedOf(size(body.stored), size(body.size)));
  }
  if (!body.complete && !open) serious(texts.incomplete(size(body.size)));
  if (!body.complete && open && body.size > 0) plain(texts.coming);
  if (body.end === 'tcp_close' && exchange.scheme === 'https') {
    plain(texts.unannouncedEnd);
  }
  if (text?.note != null) serious(text.note);
  return notes;
}
