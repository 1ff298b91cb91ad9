// "Edit & replay": from what a person typed to what the API is asked for.
import type { Exchange, NewRequest, Replay } from '../../api/types';
import { headerLines } from '../../format/headers';
import * as texts from '../../texts/request';

/** The form's contents. */
export interface Draft {
  method: string;
  url: string;
  /** One `Name: value` a line. */
  headers: string;
  body: string;
}

/** What is wrong with a draft, field by field. */
export type Problems = Partial<Record<keyof Draft, string>>;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The headers in `lines`, in order; or what is wrong, by line number. Empty lines are skipped. */
export function parseHeaders(lines: string): { headers: [string, string][]; problem?: string } {
  const headers: [string, string][] = [];
  for (const [index, line] of lines.split('\n').entries()) {
    if (line.trim() === '') continue;
    const bad = (what: string) => ({ headers, problem: texts.lineProblem(index + 1, what) });
    const colon = line.indexOf(':');
    if (colon < 0) return bad(texts.noColon);
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    if (name === '') return bad(texts.noName);
    if (!TOKEN.test(name)) return bad(texts.noHeaderName(name));
    if ([...value].some((char) => char > '\u00ff' || (char < ' ' && char !== '\t') || char === '\u007f')) {
      return bad(texts.badValue(name));
    }
    headers.push([name, value]);
  }
  return { headers };
}

/**
 * The faults of `draft`; empty if it can be sent. A part that is as in `original` is right, whatever it is: it passed before.
 * A new request has none.
 */
export function check(original: Draft | null, draft: Draft): Problems {
  const problems: Problems = {};
  if (draft.method !== original?.method && !TOKEN.test(draft.method.trim())) problems.method = texts.methodSuchAs;
  if (draft.url !== original?.url && !isHttpUrl(draft.url.trim())) {
    problems.url = texts.wholeUrl;
  }
  const { problem } = parseHeaders(draft.headers);
  if (draft.headers !== original?.headers && problem !== undefined) problems.headers = problem;
  return problems;
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^/?#]/i.test(text) && URL.canParse(text);
}

/** What a form starts with. `body` is the recorded body as text, null if it can't be edited as text. */
export function draftOf(exchange: Exchange, body: string | null): Draft {
  return {
    method: exchange.request.method,
    url: exchange.url,
    headers: headerLines(exchange.request.headers),
    body: body ?? '',
  };
}

/**
 * The edits: only what differs from `original`, so that what was not touched is sent exactly as recorded. The body
 * goes along if it was changed or if the recorded one is not `whole`; as typed, so without a content coding.
 */
export function edits(original: Draft, draft: Draft, whole: boolean): Replay {
  const replay: Replay = {};
  if (draft.method !== original.method) replay.method = draft.method.trim();
  if (draft.url !== original.url) replay.url = draft.url.trim();
  const body = withLineBreaksOf(original.body, draft.body);
  const ownBody = body !== original.body || !whole;
  if (ownBody) replay.body = body;
  const { headers } = parseHeaders(draft.headers);
  const sent = ownBody ? headers.filter(([name]) => name.toLowerCase() !== 'content-encoding') : headers;
  if (draft.headers !== original.headers || sent.length < headers.length) replay.headers = sent;
  return replay;
}

/** A new request, as the API takes it. */
export function requestOf(draft: Draft): NewRequest {
  const { headers } = parseHeaders(draft.headers);
  const request: NewRequest = { method: draft.method.trim(), url: draft.url.trim(), headers };
  return draft.body === '' ? request : { ...request, body: draft.body };
}

/** `text` with CRLF line breaks if `original` had such: a text field turns them all into LF. */
function withLineBreaksOf(original: string, text: string): string {
  const crlf = original.includes('\r\n') && !/[^\r]\n/.test(original);
  return crlf ? text.replace(/\r?\n/g, '\r\n') : text;
}
