import { describe, expect, it } from 'vitest';
import { bodyNotes } from './notes';

describe('notes on a body', () => {
  const body = {
    stored_as: 'sent' as const,
    split: null,
    size: 10,
    stored: 10,
    truncated: false,
    complete: true,
    end: null,
    trailers: null,
  };
  const complete = { state: 'complete' as const, level: 'full' as const, scheme: 'https' as const };
  const said = (...call: Parameters<typeof bodyNotes>) => bodyNotes(...call).map(({ text }) => text);

  it('has none on a whole body', () => expect(said(complete, body, null)).toEqual([]));

  it('tells what lacks', () => {
    expect(said(complete, { ...body, size: 2048, stored: 1024, truncated: true }, null)).toEqual([
      'Truncated: the first 1.0 KiB of 2.0 KiB are stored.',
    ]);
    expect(said({ ...complete, level: 'metadata' }, { ...body, stored: 0 }, null)[0]).toContain('set to metadata');
    expect(said({ ...complete, state: 'aborted' }, { ...body, complete: false }, null)).toEqual([
      'Incomplete: it ended after 10 B, before its end.',
    ]);
    expect(said(complete, { ...body, size: 0, stored: 0 }, null)).toEqual(['Empty.']);
  });

  it('tells what redaction did', () => {
    const redacted = { ...body, stored_as: 'redacted' as const, size: 2048, stored: 5000 };
    expect(said(complete, redacted, null)).toEqual([
      'Decoded and redacted: 4.9 KiB are stored, secrets replaced. 2.0 KiB passed.',
    ]);
    expect(said(complete, { ...redacted, truncated: true }, null)[1]).toContain('only its beginning');
    expect(said(complete, { ...body, stored_as: 'withheld', stored: 0 }, null)[0]).toContain('could not read it');
  });

  it('tells of an end that nothing announced', () => {
    const [unannounced] = said(complete, { ...body, end: 'tcp_close' }, null);
    expect(unannounced).toContain('without close_notify');
    expect(said({ ...complete, scheme: 'http' }, { ...body, end: 'tcp_close' }, null)).toEqual([]);
    expect(said(complete, { ...body, end: 'close_notify' }, null)).toEqual([]);
  });

  it('tells of open and undecodable ones', () => {
    expect(said({ ...complete, state: 'open' }, { ...body, complete: false }, null)).toEqual(['Still coming…']);
    expect(said(complete, body, { note: 'broken gzip' })).toEqual(['broken gzip']);
  });
});
