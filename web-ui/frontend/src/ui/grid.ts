// A grid's columns as data, and the keyboard's way through its rows.
import type { Component, Snippet } from 'svelte';

/** One column of rows of type `Row`. */
export interface Column<Row> {
  id: string;
  title: string;
  /** Name in words, where the title is a sign. */
  name?: string;
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
  /** How wide somebody made it, in pixels; not where rows have two lines. */
  fixed?: number;
  /** Tells that rows can be sorted by it. */
  sortable?: boolean;
  /** Text of a cell. */
  text: (row: Row) => string;
  /** The same in words, where the text is a sign. */
  words?: (row: Row) => string;
  /** Tooltip of a cell. */
  tip?: (row: Row) => string | null | undefined;
  /** Classes of a cell: emphasis and colour. */
  classes?: (row: Row) => string;
  /** Draws a cell in place of its text. */
  cell?: Component<{ row: Row }>;
}

/** The rows in sight: parts of rows count. */
export interface Sight {
  /** The index of the first one, and the one behind the last. */
  top: number;
  bottom: number;
  /** The index behind the last row that is drawn. */
  end: number;
  atTop: boolean;
}

/** Actions for the titles of columns. */
export interface HeadActions {
  /** The column by which the rows are sorted, if it is not their own order. */
  sorted: { id: string; order: 'asc' | 'desc' } | null;
  /** Sorts by a column; once more turns the order round, and then it is the rows' own. */
  onsort: (id: string) => void;
  /** Makes a column so many pixels wide; null for its own width. */
  onresize: (id: string, width: number | null) => void;
  /** Moves a column to the left, or to the right. */
  onmove: (id: string, step: 1 | -1) => void;
  /** Drops a column before another. */
  ondrop: (id: string, before: string) => void;
}

/** The content of a grid, and its listeners. */
export interface GridProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  /** The rows' keys, from the top. */
  keys: readonly number[];
  row: (key: number) => Row | undefined;
  /** True if `keys` are all that there are. */
  complete: boolean;
  /** True if rows that come above all others push them down while the top is in sight. */
  follow?: boolean;
  selected: number | null;
  /** Rows that are chosen beside the selected one. */
  chosen?: ReadonlySet<number>;
  /** A row was selected: with the pointer or Enter, or `moving` over it with the keyboard. */
  onselect: (key: number, moving: boolean) => void;
  /** A row was clicked, or a key pressed on it, with what goes with it; true if that was for something else. */
  onact?: (key: number, event: MouseEvent | KeyboardEvent) => boolean;
  /** Home or End was pressed where that is not among `keys`. */
  onend?: (way: 'first' | 'last') => boolean;
  /** Called with the rows in sight, whenever these are others. */
  onview?: (sight: Sight) => void;
  /** Actions for the titles. */
  head?: HeadActions;
  /** Something else shows where the reader is: the scroll bar is left out. */
  bare?: boolean;
  /** Attributes of a row's element. */
  attributes?: (row: Row) => Record<string, string | number>;
  /** Stands below the rows. */
  foot?: Snippet;
  /** Called with the height of the titles, in pixels. */
  onhead?: (height: number) => void;
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
  const track = room === 'ample' ? (column.ample ?? column.width) : column[room];
  return column.fixed === undefined || room === 'slim' || track === undefined ? track : `${column.fixed}px`;
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
