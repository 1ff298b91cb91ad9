// The role with which this browser is signed in.
import { fetchRole } from '../api/calls';
import type { CallerRole, Role } from '../api/types';
import * as texts from '../texts/session';

/** Each may do what those before it may. */
export const ROLES: readonly Role[] = ['viewer-without-bodies', 'viewer', 'operator', 'admin'];

export class Caller {
  /** Null until it is known: dashcam itself refuses what is not allowed. */
  known = $state.raw<CallerRole | null>(null);

  /** The answer has come, or there is none: what `may` says now stays. */
  settled = $state(false);

  async refetch(): Promise<void> {
    this.known = await fetchRole().catch(() => null);
    this.settled = true;
  }

  /** Tells if the role suffices where `needed` is. */
  may(needed: Role): boolean {
    return this.known === null || ROLES.indexOf(this.known.role) >= ROLES.indexOf(needed);
  }

  /** Why `what` is not there, which may be `many`. */
  why(what: string, needed: Role, many = false): string {
    return (many ? texts.needRole : texts.needsRole)(what, needed, this.known?.role ?? '?');
  }
}
