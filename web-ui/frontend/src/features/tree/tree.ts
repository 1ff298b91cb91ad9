// The tree of hosts and paths as rows, and the conditions that its places make.
import type { PathNode, PathTree } from '../../api/types';
import * as texts from '../../texts/tree';
import { exactTerm, foldedPathTerm, subtreeTerm, withoutTerms } from '../filter';

/** A node in sight, or a line below the nodes of a place: there are more, or they are still asked for. */
export interface TreeRow {
  place: string;
  /** The place that it is below; empty for hosts. */
  parent: string;
  /** From 1 on. */
  level: number;
  /** Its number among its siblings, and how many these are. */
  at: number;
  of: number;
  /** Null for a line. */
  node: PathNode | null;
  open: boolean;
  text: string;
}

/** A node's name for people: ids are `:id`. */
const nameOf = (node: PathNode, parent: string) =>
  parent === '' ? node.name : `/${node.name.replaceAll('{id}', ':id')}`;

/** The rows of `tree` where these places are `open`. */
export function rowsOf(tree: PathTree, open: readonly string[]): TreeRow[] {
  const branches = new Map(tree.branches.map((branch) => [branch.place, branch]));
  const rows: TreeRow[] = [];
  const add = (parent: string, level: number) => {
    const branch = branches.get(parent);
    const line = (text: string) =>
      rows.push({ place: `${parent} more`, parent, level, at: 0, of: 0, node: null, open: false, text });
    if (branch === undefined) return void line('…');
    branch.nodes.forEach((node, index) => {
      const place = parent === '' ? node.name : `${parent}/${node.name}`;
      const isOpen = node.has_nodes && open.includes(place);
      const [at, of] = [index + 1, branch.nodes.length];
      rows.push({ place, parent, level, at, of, node, open: isOpen, text: nameOf(node, parent) });
      if (isOpen) add(place, level + 1);
    });
    if (branch.more > 0) line(branch.exact ? texts.more(branch.more) : texts.atLeastMore(branch.more));
  };
  add('', 1);
  return rows;
}

/** The conditions that an exchange is at a place or below it. */
export function placeTerms(place: string, hasNodes: boolean): string[] {
  const slash = place.indexOf('/');
  if (slash < 0) return [exactTerm('host', place)];
  const [host, path] = [place.slice(0, slash), place.slice(slash)];
  return [exactTerm('host', host), hasNodes ? subtreeTerm(path) : foldedPathTerm(path)];
}

/** `filter` without its own conditions on host and path: the tree is over it, so that other places stay in sight. */
export const elsewhere = (filter: string) => withoutTerms(filter, (word) => /^(?:host|path):/.test(word));

/** The row that a key leads to from the row `at`; null for none. */
export function steered(rows: readonly TreeRow[], at: number, key: string): number | null {
  const nodes = rows.flatMap(({ node }, index) => (node === null ? [] : [index]));
  const position = nodes.indexOf(at);
  const ways: Record<string, number | undefined> = {
    ArrowDown: nodes[position + 1],
    ArrowUp: nodes[position - 1],
    Home: nodes[0],
    End: nodes.at(-1),
    ArrowLeft: rows.findIndex(({ place }) => place === rows[at]?.parent),
    ArrowRight: rows[at]?.open === true ? nodes[position + 1] : undefined,
  };
  const next = ways[key];
  return next === undefined || next < 0 ? null : next;
}
