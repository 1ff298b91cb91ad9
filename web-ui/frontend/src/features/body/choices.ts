// The ways to look at a body, and which is the first.
import type { Source } from '../../stores/unsealed.svelte';
import { mediaType } from '../../format/media';
import * as texts from '../../texts/body';

/** A value was pressed: the path to it in JSON, and its place on the page. */
export type OnValue = (path: string, at: Element) => void;

/** The row that has the occurrence to show. */
export interface Spot {
  row: number;
  match: number;
}

/** Bytes by windows. */
export interface Windows {
  /** It has content codings: its bytes are decoded, or as they were received. */
  coded: boolean;
  /** It is not read whole for hex. */
  large: boolean;
}

/** A body to look at: of a request, of a response, or of a message. */
export interface Subject {
  /** The address of its bytes, decoded; the other one has them as they are stored. */
  url: string;
  otherwise: string | null;
  /** Its media type, as sent or as its first bytes say; "" for none. */
  type: string;
  charset: string | null;
  /** Its beginning as text; null if it is none. */
  text: string | null;
  /** How many bytes are stored. */
  stored: number;
  /** No more will come. */
  over: boolean;
  /** Changes when the body does. */
  version: string;
  source: Source;
  /** Its bytes can be had by windows. */
  windows?: Windows | null;
}

/** A way that dashcam shows it. */
export interface ServedView {
  name: string;
  title: string;
}

export interface Choice {
  id: string;
  title: string;
  /** The part that draws it: rows of the body, the browser, or what dashcam answers. */
  by: 'json' | 'text' | 'hex' | 'image' | 'audio' | 'video' | 'font' | 'frame' | 'served';
}

/** The page has its own way for these. */
const OWN = new Set(['json', 'json-lines', 'text', 'hex']);

const TREE: Choice = { id: 'json', title: texts.tree, by: 'json' };
const TEXT: Choice = { id: 'text', title: texts.asSent, by: 'text' };
const HEX: Choice = { id: 'hex', title: texts.hex, by: 'hex' };
const FONT = /^(font\/|application\/(x-)?font-|application\/vnd\.ms-fontobject)/;

/**
 * The ways to look at `subject`, the best first; `served` are those that dashcam offers. A frame shows what it is `declared`
 * to be, whatever its first bytes say.
 */
export function choicesOf(
  subject: Pick<Subject, 'type' | 'text' | 'stored'>,
  served: readonly ServedView[],
  declared = subject.type,
): Choice[] {
  const others = served
    .filter(({ name }) => !OWN.has(name))
    .map(({ name, title }): Choice => ({ id: name, title, by: 'served' }));
  const json = isJson(subject, served) ? [TREE] : [];
  // Without a body there is what dashcam found elsewhere: in the query.
  if (subject.stored === 0) return others;
  // A document of a kind of its own is more than the JSON that it is written in.
  const jsonFirst = ['json', 'json-lines', 'text'].includes(served[0]?.name ?? 'json');
  const [media, page] = [[...mediaOf(subject.type), ...frameOf(declared, isPdf)], frameOf(declared, isPage)];
  const shown = jsonFirst ? [...json, ...others] : [...others, ...json];
  return [...media, ...shown, ...page, ...(subject.text === null ? [] : [TEXT]), HEX];
}

/** Tells if a body is to be read as JSON. */
export function isJson({ type, text }: Pick<Subject, 'type' | 'text'>, served: readonly ServedView[]): boolean {
  if (text === null) return false;
  if (served.some(({ name }) => name === 'json' || name === 'json-lines')) return true;
  return /\b(json|ndjson|jsonl|jsonlines)\b/i.test(type) || /^\s*(\)\]\}',?\s*)?[{[]/.test(text);
}

function mediaOf(type: string): Choice[] {
  const media = mediaType(type);
  if (media.startsWith('image/')) return [{ id: 'image', title: texts.image, by: 'image' }];
  if (media.startsWith('audio/')) return [{ id: 'audio', title: texts.audio, by: 'audio' }];
  if (media.startsWith('video/')) return [{ id: 'video', title: texts.video, by: 'video' }];
  if (FONT.test(media)) return [{ id: 'font', title: texts.font, by: 'font' }];
  return [];
}

/** Tells if a body is declared to be a PDF, or a page. */
export const isPdf = (type: string) => mediaType(type) === 'application/pdf';
const isPage = (type: string) => ['text/html', 'application/xhtml+xml'].includes(mediaType(type));

const frameOf = (type: string, isShown: (type: string) => boolean): Choice[] =>
  isShown(type) ? [{ id: 'preview', title: texts.preview, by: 'frame' }] : [];

const REMEMBERED = 'dashcam.views';

/** The way that was chosen last for bodies of a media type. */
export function remembered(type: string): string | null {
  return chosen()[mediaType(type)] ?? null;
}

export function remember(type: string, id: string): void {
  localStorage.setItem(REMEMBERED, JSON.stringify({ ...chosen(), [mediaType(type)]: id }));
}

function chosen(): Record<string, string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(REMEMBERED) ?? '{}');
    return kept !== null && typeof kept === 'object' ? (kept as Record<string, string>) : {};
  } catch {
    return {};
  }
}
