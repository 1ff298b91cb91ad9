// Parts of the page that know nothing of dashcam: grids, lists to put in order, and the like.

/** A column's heading: what its keys do. */
export const sortKey = 'Enter sorts.';
export const columnKeys = 'Shift with ← and → resizes, Ctrl with ← and → moves.';
export const partNotLoaded = 'dashcam did not answer with this part of the page. It may have been stopped or upgraded.';
export const reload = 'Reload the page';
export const qrCode = (text: string) => `QR code of ${text}`;
export const reorderPlace = (place: number, all: number) =>
  `${place} of ${all}. Enter leaves it there, Escape puts it back.`;
export const reorderStays = 'It stays there.';
export const reorderBack = 'It is where it was.';
export const reorderMove = (name: string) => `Move ${name}`;
export const reorderHow = 'Drag it, or use the arrow keys';
export const reorderKeys = 'The arrow keys move it.';
export const copyNotAllowed = 'The browser does not allow it on a page without HTTPS.';
