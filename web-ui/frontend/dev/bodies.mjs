// Made-up bodies and messages for the stand-in.
import { kindOf } from './kinds.mjs';
import { redactedMessage, redactedText } from './redaction.mjs';

const JSON_BODY =
  '{"id":12345678901234567890,"name":"Ada Lovelace","email":"ada@example.com","active":true,"score":98.60,"manager":null,"teams":[{"id":1,"name":"Analytical \\"Engine\\"","roles":["owner","admin"]},{"id":7,"name":"Översättning","roles":[]}],"links":{"self":"https://api.example.com/v2/users/1","avatar":"https://images.example.org/thumb/1.webp"},"settings":{},"created_at":"2026-11-22T15:04:05.123456Z"}';

export function bodyOf(whole, side) {
  if (whole === undefined) return undefined;
  const sent = kindOf(whole.id).sent;
  const type = side === 'request' ? 'application/json' : (whole.content_type ?? '');
  const binary = type.startsWith('image/') || (side === 'request' && sent === 'binary');
  const text =
    side === 'request'
      ? (sent ?? '')
      : type.includes('json')
        ? JSON_BODY
        : '<!doctype html>\n<title>503</title>\n<h1>Service unavailable</h1>\n';
  const changed = redactedText(whole.id, side);
  if (changed !== null)
    return {
      text: changed,
      encoding: null,
      charset: 'utf-8',
      size: changed.length,
      truncated: false,
      binary: false,
      note: null,
    };
  return {
    text: binary ? null : text,
    encoding: side === 'response' && !binary ? 'gzip' : null,
    charset: 'utf-8',
    size: text.length,
    truncated: false,
    binary,
    note: null,
  };
}

export function messagesOf(whole, preview = 65_536) {
  return Array.from({ length: whole?.message_count ?? 0 }, (_, seq) => {
    const large = [3, 8].includes(seq) ? `,"depth":[${'[101.25,300],'.repeat(seq === 3 ? 2_000 : 200_000)}[0,0]]` : '';
    const passed = `{"symbol":"${seq % 2 ? 'ACME' : 'EMCA'}","price":${100 + seq}.25,"at":${seq}${large}}`;
    const changed = redactedMessage(whole.id, seq, passed);
    const text = changed ?? passed;
    const binary = seq % 9 === 8;
    return {
      seq,
      at: new Date(Date.parse(whole.started_at) + seq * 431).toISOString(),
      direction: seq % 5 === 0 ? 'request' : 'response',
      kind: binary ? 'binary' : seq % 13 === 12 ? 'ping' : 'text',
      size: passed.length,
      stored: text.length,
      coding: null,
      redacted: changed !== null,
      preview: text.length > preview,
      text: binary ? null : text.slice(0, preview),
      data: Buffer.from(text.slice(0, preview)).toString('base64'),
    };
  });
}

/** An image of two pixels, for those that are made up. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGM4YSMiYnMCAAevAjEuuUBjAAAAAElFTkSuQmCC',
  'base64',
);

/** A body's bytes under their media type. */
export function bytesOf(whole, side) {
  const body = bodyOf(whole, side);
  const type = side === 'request' ? 'application/json' : (whole?.content_type ?? 'application/octet-stream');
  if (body === undefined) return undefined;
  return { bytes: body.binary ? PNG : Buffer.from(body.text), type };
}

/** As a browser shows it in a frame. */
export const preview = (whole, side) => ({ ...bytesOf(whole, side), framed: true });

const VIEWED = { charset: 'utf-8', encoding: null, size: 0, truncated: false, note: null };

/** The views of a body: those that are made up for it, and of pages one. */
function viewsOf(api, id, part) {
  const whole = api.find(id);
  const isPage = part === 'response' && whole?.content_type === 'text/html' && whole.response_size > 0;
  const page = { title: 'HTML', shown: { kind: 'text', language: 'html', text: bodyOf(whole, 'response')?.text } };
  return api.views.get(`${id} ${part}`) ?? (isPage ? { html: page } : {});
}

export const viewNames = (api, id, part) => ({
  views: Object.entries(viewsOf(api, id, part)).map(([name, { title, shown }]) => ({ name, title, kind: shown.kind })),
});

export function viewOf(api, id, part, name) {
  const found = viewsOf(api, id, part)[name];
  return found && { ...VIEWED, name, ...found };
}

/** All of a message. */
export function payloadOf(whole, seq) {
  const found = messagesOf(whole, Infinity)[seq];
  return found && { bytes: Buffer.from(found.data, 'base64'), type: 'application/octet-stream' };
}
