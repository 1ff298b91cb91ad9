// The one place that fetches: typed by the generated paths, every failure an `ApiError`, a lost token reported once.
import createClient from 'openapi-fetch';
import * as texts from '../texts/api';
import { ApiError, apiError, messageOf } from './error';
import type { paths } from './schema';

/** The typed client; `calls.ts` is its only user. */
export const client = createClient<paths>({ baseUrl: '', credentials: 'same-origin' });

let whenUnauthorized: () => void = () => undefined;

/** Says what to do when the API no longer knows this browser (401). */
export function onUnauthorized(callback: () => void): void {
  whenUnauthorized = callback;
}

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer's content. Throws an `ApiError` for everything else. */
export async function content<T>(call: Promise<Outcome<T>>): Promise<T> {
  const { data } = await answered(call);
  if (data === undefined) throw new ApiError(200, 'empty', texts.noContent);
  return data;
}

/** The bytes at an address of the API. Throws an `ApiError` if it doesn't answer with any. */
export async function bytesAt(url: string): Promise<ArrayBuffer> {
  const bytes = async () => {
    const response = await fetch(url, { credentials: 'same-origin' });
    if (!response.ok) return { error: (await response.json().catch(() => null)) as unknown, response };
    return { data: await response.arrayBuffer(), response };
  };
  return content<ArrayBuffer>(bytes());
}

/** The first bytes, `most` of them, at an address of the API; none where it doesn't answer with any. */
export async function beginOf(url: string, most: number): Promise<Uint8Array> {
  const response = await fetch(url, { credentials: 'same-origin' });
  const reader = response.body?.getReader();
  const first = response.ok ? await reader?.read() : undefined;
  void reader?.cancel();
  return first?.value?.subarray(0, most) ?? new Uint8Array();
}

/** Waits for success and leaves the content. Throws an `ApiError` for everything else. */
export async function done<T>(call: Promise<Outcome<T>>): Promise<void> {
  await answered(call);
}

async function answered<T>(call: Promise<Outcome<T>>): Promise<Outcome<T>> {
  const outcome = await call.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, 'unreachable', texts.unreachable(messageOf(cause)));
  });
  if (outcome.response.ok) return outcome;
  if (outcome.response.status === 401) whenUnauthorized();
  throw apiError(outcome.response.status, outcome.error);
}
