// What can go wrong with a call, in words for the person at the page.
import * as texts from '../texts/api';
import type { FilterFault } from './types';

/** A call that failed: what the API said, or why it could not be asked. `status` is 0 when no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** The place in the filter, where that can't be read. */
    readonly filter: FilterFault | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** An `ApiError` from an answer's status and its body, whatever that is. */
export function apiError(status: number, body: unknown): ApiError {
  const error = property(body, 'error');
  const code = property(error, 'code');
  const message = property(error, 'message');
  if (typeof code === 'string' && typeof message === 'string') {
    return new ApiError(status, code, message, faultOf(property(error, 'filter')));
  }
  return new ApiError(status, 'unknown', texts.noReason(status));
}

/** The message to show for anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The error in a filter that was thrown, if it was one. */
export function filterFaultOf(error: unknown): FilterFault | null {
  return error instanceof ApiError ? error.filter : null;
}

function faultOf(filter: unknown): FilterFault | null {
  const [text, column, message, expected, suggestion] = ['text', 'column', 'message', 'expected', 'suggestion'].map(
    (name) => property(filter, name),
  );
  if (typeof text !== 'string' || typeof column !== 'number' || typeof message !== 'string') return null;
  return {
    text,
    column,
    message,
    expected: typeof expected === 'string' ? expected : '',
    suggestion: typeof suggestion === 'string' ? suggestion : null,
  };
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
