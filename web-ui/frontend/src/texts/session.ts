// The session: roles, what is done to the recording as a whole, and signing out.

/** Why something is not there, or some things. */
export const needsRole = (action: string, needed: string, own: string) =>
  `${action} needs the role ${needed}, and you have the role ${own}.`;
export const needRole = (action: string, needed: string, own: string) =>
  `${action} need the role ${needed}, and you have the role ${own}.`;
export const links = 'The recording and this page';
export const more = 'More';
export const exportAllTitle = 'Every stored exchange as HAR 1.2';
export const exportFilteredTitle = (filter: string) => `The exchanges that match “${filter}”, as HAR 1.2`;
export const exportSubject = 'An export';
export const exportAll = 'Export HAR';
export const exportFiltered = 'Export HAR of what matches the filter';
export const rootTitle = 'The root certificate that clients have to trust';
export const root = 'Save ca.pem';
export const clear = 'Clear all…';
export const signOutAsk = 'Sign out…';
export const clearTitle = 'Delete every stored exchange?';
export const clearConfirm = 'Delete all';
export const clearAll = (stored: string | null, kept: string | null) =>
  `${stored === null ? 'All' : `All ${stored}`} stored exchanges with their bodies and messages are deleted for good, whatever the filter${kept === null ? '' : `; the ${kept} pinned stay`}. Recording goes on.`;
export const clearPinned = 'Delete pinned exchanges as well';
export const tokenEnds = (time: string) => `The token ends ${time}, and the session with it.`;
export const signedIn = (token: string, meaning: string) => `Signed in with the token “${token}”. ${meaning}`;
export const signOutTitle = 'Sign out?';
export const signOutEverywhere = 'Sign out all browsers';
export const signOutToken = 'Sign out all browsers of this token';
export const signOut = 'Sign out';
export const signInAgain = 'Recording goes on. To sign in again, open the address that';
export const signInAgainWhere = 'prints on the machine that dashcam runs on.';
export const themeSystem = 'as the system has it';
export const themeLight = 'light';
export const themeDark = 'dark';
export const themeTitle = 'Click for the next one';
export const theme = (name: string) => `Theme: ${name}`;

/** By the names of the API. */
export const roles = {
  'viewer-without-bodies': 'It shows lists, heads and figures, and no bodies or messages.',
  viewer: 'It shows and exports everything, and changes nothing.',
  operator: 'It also changes what is recorded, replays and deletes.',
  admin: 'It may do everything.',
};
