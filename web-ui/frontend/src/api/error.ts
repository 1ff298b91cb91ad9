// What can go wrong with a call, in words for the person at the page.

/** A call that failed: what the API said, or why it could not be asked. `status` is 0 when no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
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
  if (typeof code === 'string' && typeof message === 'string') return new ApiError(status, code, message);
  return new ApiError(status, 'unknown', `dashcam answered with status ${status} and gave no reason.`);
}

/** The message to show for anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
