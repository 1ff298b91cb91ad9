// Roles in words.
import type { Role } from '../../api/types';

const MEANINGS: Record<Role, string> = {
  'viewer-without-bodies': 'It shows lists, heads and figures, and no bodies or messages.',
  viewer: 'It shows and exports everything, and changes nothing.',
  operator: 'It also changes what is recorded, replays and deletes.',
  admin: 'It may do everything.',
};

/** What somebody with `role` can do. */
export const meaning = (role: Role): string => MEANINGS[role];
