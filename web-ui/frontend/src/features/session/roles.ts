// Roles in words.
import type { Role } from '../../api/types';
import * as texts from '../../texts/session';

const MEANINGS: Record<Role, string> = texts.roles;

/** What somebody with `role` can do. */
export const meaning = (role: Role): string => MEANINGS[role];
