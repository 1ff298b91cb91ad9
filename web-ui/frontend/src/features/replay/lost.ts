// Replays for which redacted values are missing.
import { ApiError } from '../../api/error';

/** Tells if a replay was not sent because redacted values could not be put back. */
export const isLost = (error: unknown): boolean => error instanceof ApiError && error.status === 409;
