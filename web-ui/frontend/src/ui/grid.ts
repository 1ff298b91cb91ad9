// A grid's columns as data, and the keyboard's way through its rows.
import type { Component } from 'svelte';

/** One column of rows of type `Row`. */
export interface Column<Row> {
  id: string;
  title: string;
  /** How wide it is, as a CSS track; without this it is left out unless there is ample room. */
  width?: string;
  /** How wide where there is ample room, if that is another width. */
  ample?: string;
  /** How wide where there is little room; without this it is left out there. */
  narrow?: string;
  /** How wide it is in the first line of a row of two, where there is least room; without this it is not in that line. */
  slim?: string;
  /** Where it is in the second line of such a row, as a CSS `grid-column`. */
  below?: string;
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

/** How much room there is for columns. Rows have two lines where there is least: `slim`. */
export type Room = 'ample' | 'width' | 'narrow' | 'slim';

/** The room that `width` pixels are. */
export function roomOf(width: number): Room {
  if (width > 1150) return 'ample';
  if (width > 860) return 'width';
  return width > 540 ? 'narrow' : 'slim';
}

function track<Row>(column: Column<Row>, room: Room): string | undefined {
  return room === 'ample' ? (column.ample ?? column.width) : column[room];
}

/** The columns that are shown in `room`. */
export function fitting<Row>(columns: readonly Column<Row>[], room: Room): Column<Row>[] {
  const isBelow = (column: Column<Row>) => room === 'slim' && column.below !== undefined;
  return columns.filter((column) => track(column, room) !== undefined || isBelow(column));
}

/** The columns as a CSS `grid-template-columns`. */
export function template<Row>(columns: readonly Column<Row>[], room: Room): string {
  const tracks = columns.map((column) => track(column, room));
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
