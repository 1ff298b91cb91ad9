// A grid's columns as data, and the keyboard's way through its rows.
import type { Component } from 'svelte';

/** One column of rows of type `Row`. */
export interface Column<Row> {
  id: string;
  title: string;
  /** How wide it is, as a CSS track. */
  width: string;
  /** How wide where there is little room; without this it is left out there. */
  narrow?: string;
  align?: 'end';
  /** Text of a cell. */
  text: (row: Row) => string;
  /** Tooltip of a cell. */
  tip?: (row: Row) => string | null | undefined;
  /** Classes of a cell: emphasis and colour. */
  classes?: (row: Row) => string;
  /** Draws a cell in place of its text. */
  cell?: Component<{ row: Row }>;
}

/** The columns as a CSS `grid-template-columns`: all, or those that there are where it is `narrow`. */
export function template<Row>(columns: readonly Column<Row>[], narrow: boolean): string {
  const tracks = columns.map((column) => (narrow ? column.narrow : column.width));
  return tracks.filter((track) => track !== undefined).join(' ');
}

/** How far `key` moves in a grid that goes `page` rows at a time; undefined if it does not move. */
export function stepOf(key: string, page: number): number | undefined {
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    Home: -Infinity,
    End: Infinity,
  };
  return steps[key];
}

/** The index `step` further than `at` in a list of `count`; from nowhere (-1) to the first. */
export function moved(at: number, step: number, count: number): number {
  return at < 0 ? 0 : Math.min(count - 1, Math.max(0, at + step));
}
