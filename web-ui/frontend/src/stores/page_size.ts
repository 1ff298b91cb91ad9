// How many exchanges are asked for at once.
import { rowsOnScreen } from '../api/screen';

/** Exchanges that are loaded at once where a list goes on. */
export const PAGE = 200;
/** The most that dashcam answers with. */
export const LARGEST_PAGE = 1000;

/** The page that fetches `rows` rows again; a list begins with as many as fit on the screen. */
export const pageOf = (rows: number) => Math.min(LARGEST_PAGE, Math.max(rowsOnScreen(), rows));
