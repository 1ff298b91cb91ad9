// The scroll position of a list of rows that may be longer than a browser can scroll.

/** No element is made higher than this: browsers draw nothing beyond some tens of millions of pixels. */
export const HIGHEST = 8_000_000;

/** How high `count` rows are made. */
export const heightOf = (count: number, rowHeight: number) => Math.min(count * rowHeight, HIGHEST);

/** The first row in sight, with a fraction, at a scroll position. */
export function topAt(scrollTop: number, view: number, count: number, rowHeight: number): number {
  const whole = count * rowHeight;
  if (whole <= HIGHEST) return scrollTop / rowHeight;
  const most = Math.max(1, HIGHEST - view);
  return (Math.min(scrollTop, most) / most) * Math.max(0, count - view / rowHeight);
}

/** The scroll position at which row `top` is the first in sight. */
export function scrollFor(top: number, view: number, count: number, rowHeight: number): number {
  const whole = count * rowHeight;
  if (whole <= HIGHEST) return top * rowHeight;
  return (top / Math.max(1, count - view / rowHeight)) * Math.max(1, HIGHEST - view);
}
