// Reads one body for the page, off its thread: by windows, whatever its size.
import * as texts from '../../texts/api';
import { Document, type Questions } from './document';

/** The page is told of what has come at most this often. */
const TELL_MS = 60;
/** Bytes that are searched between two answers. */
const SEARCHED = 4 * 1024 * 1024;
const WINDOW = 256 * 1024;

/** Opens a body, or reads on in one that has grown. */
export interface Open {
  url: string;
  /** Read instead, if `url` is refused: it can't be decoded. */
  otherwise: string | null;
  charset: string | null;
  isJson: boolean;
  /** How many bytes are stored of it so far, and whether no more will come. */
  stored: number;
  over: boolean;
}

export type ToWorker =
  { open: Open } | { [Q in keyof Questions]: { id: number; ask: Q; with: Questions[Q][0] } }[keyof Questions];

type Asked = Exclude<ToWorker, { open: Open }>;

let document: Document | null = null;
/** Bytes as they came that are in the document. */
let taken = 0;
let decoder: TextDecoder | null = null;
let told = 0;
/** The next read: of several that came meanwhile, the last one has all. */
let next: Open | null = null;
let isReading = false;
/** How much was stored when it was read to its end. */
let readOf = -1;
/** Asked before there was anything to ask about. */
const early: Asked[] = [];
let isSearching = false;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if ('open' in data) {
    next = data.open;
    if (!isReading) void readOn();
  } else if (document === null) early.push(data);
  else answer(document, data);
});

function answer(from: Document, { id, ask, with: given }: Asked): void {
  const reply = from.answers[ask] as (asked: typeof given) => unknown;
  postMessage({ id, answer: reply(given) });
  if (ask === 'find') void search();
  if (['toggle', 'fold', 'wrap', 'find', 'reveal'].includes(ask)) tell();
}

function tell(): void {
  told = performance.now();
  if (document !== null) postMessage({ state: document.state });
}

async function search(): Promise<void> {
  if (isSearching) return;
  isSearching = true;
  while (document?.searching === true) {
    document.search(SEARCHED);
    if (performance.now() - told > TELL_MS) tell();
    await pause();
  }
  isSearching = false;
  tell();
}

/** Lets what has been asked meanwhile be answered. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 0));

async function readOn(): Promise<void> {
  isReading = true;
  while (next !== null) {
    const { charset, isJson } = next;
    if (document === null && charset !== null && !/^(utf-?8|us-ascii)$/i.test(charset)) decoder = decoderOf(charset);
    const into = (document ??= new Document(isJson));
    for (const asked of early.splice(0)) answer(into, asked);
    const open = next;
    next = null;
    await read(open, into);
  }
  isReading = false;
}

async function read({ url, otherwise, stored, over }: Open, into: Document): Promise<void> {
  if (stored !== readOf && !into.bytes.isCut) await fetchInto(into, url, otherwise);
  if (into.error === null) readOf = stored;
  if (over) into.end();
  tell();
  void search();
}

async function fetchInto(into: Document, url: string, otherwise: string | null): Promise<void> {
  try {
    let response = await fetch(url, { credentials: 'same-origin' });
    if (response.status === 409 && otherwise !== null)
      response = await fetch(otherwise, { credentials: 'same-origin' });
    if (!response.ok || response.body === null) throw new Error(await refusal(response));
    await take(response.body, into);
    into.error = null;
  } catch (error) {
    into.error = error instanceof Error ? error.message : String(error);
  }
}

async function take(stream: ReadableStream<Uint8Array>, into: Document): Promise<void> {
  const reader = stream.getReader();
  let passed = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const fresh = value.subarray(Math.max(0, taken - passed));
    passed += value.length;
    taken = Math.max(taken, passed);
    for (let at = 0; at < fresh.length; at += WINDOW) append(into, fresh.subarray(at, at + WINDOW));
    if (into.bytes.isCut) return reader.cancel();
    if (performance.now() - told > TELL_MS) tell();
    if (into.searching) void search();
  }
}

function append(into: Document, chunk: Uint8Array): void {
  into.append(decoder === null ? chunk : new TextEncoder().encode(decoder.decode(chunk, { stream: true })));
}

function decoderOf(charset: string): TextDecoder | null {
  try {
    return new TextDecoder(charset);
  } catch {
    return null;
  }
}

/** dashcam's words about a call that it refuses. */
async function refusal(response: Response): Promise<string> {
  const said: unknown = await response.json().catch(() => null);
  const { error } = (said ?? {}) as { error?: { message?: string } };
  return error?.message ?? texts.answered(response.status);
}
