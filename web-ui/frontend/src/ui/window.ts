// Which rows of a long list are to be drawn.

/** The rows to draw, `first` up to but without `end`. */
export interface Span {
  first: number;
  end: number;
}

/** The rows within sight and `spare` more on either side. */
export function visible(scrollTop: number, height: number, rowHeight: number, count: number, spare: number): Span {
  const top = Math.floor(scrollTop / rowHeight);
  const bottom = Math.ceil((scrollTop + height) / rowHeight);
  const first = Math.min(Math.max(0, top - spare), count);
  return { first, end: Math.min(count, Math.max(first, bottom + spare)) };
}

/** The scroll position that brings row `index` into sight, moving as little as possible. */
export function reveal(index: number, scrollTop: number, height: number, rowHeight: number): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + height) return top + rowHeight - height;
  return scrollTop;
}
