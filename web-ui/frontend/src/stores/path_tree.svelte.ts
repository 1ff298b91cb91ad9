// The tree of hosts and paths: which of its places are open, and the figures of what is there.
import { fetchTree } from '../api/calls';
import type { PathTree } from '../api/types';
import { Figure } from './figure.svelte';

const KEY = 'dashcam.tree';
/** So many places are open at most: of more, those that were opened first are closed. */
const MOST_OPEN = 60;
/** Nodes of a place at first, and once more are asked for. */
const FEW = 50;
const MANY = 500;

export class HostTree {
  /** Hosts, and hosts with the folded beginnings of paths: `api.example.com/v1/orders`. */
  open = $state.raw<readonly string[]>(read());
  /** More nodes than at first are shown. */
  full = $state(false);
  readonly figure = new Figure<PathTree>((filter, signal) =>
    fetchTree(filter, this.open, this.full ? MANY : FEW, signal),
  );

  /** Opens a place, or closes it with all that is below. */
  toggle(place: string): void {
    const isOpen = this.open.includes(place);
    this.open = isOpen
      ? this.open.filter((other) => other !== place && !other.startsWith(`${place}/`))
      : [...this.open, place].slice(-MOST_OPEN);
    localStorage.setItem(KEY, JSON.stringify(this.open));
    // What is closed is not needed any more.
    if (!isOpen) void this.figure.refetch();
  }

  /** Shows more nodes of each place. */
  showAll(): void {
    this.full = true;
    void this.figure.refetch();
  }
}

function read(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((place) => typeof place === 'string').slice(-MOST_OPEN) : [];
  } catch {
    return [];
  }
}
