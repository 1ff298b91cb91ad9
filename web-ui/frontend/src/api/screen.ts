// How many rows of a list a screen has.

/** A row of the list has so many pixels at least. */
const ROW = 24;
/** Rows beyond those on the screen, so that the next ones are there when it is scrolled. */
const BEYOND = 30;

/** Rows that fit on this screen, and some more: no more need be told of at once. */
export const rowsOnScreen = () => Math.ceil((globalThis.screen?.height ?? 1080) / ROW) + BEYOND;
