// Panels beside and above the list: open or not, as this browser remembers it.
import { Remembered } from '../stores/remembered.svelte';

export class Charts {
  readonly histogram = new Remembered('dashcam.histogram', true);
  /** Rows for connections that no exchange stands for. */
  readonly connections = new Remembered('dashcam.connections', false);
  /** Columns that the list had as there were rules, or tags: it has them from the first row on when it is opened again. */
  readonly ruleColumn = new Remembered('dashcam.columns.rule', false);
  readonly tagColumn = new Remembered('dashcam.columns.tags', false);
  readonly facets = new Remembered('dashcam.facets', false);
  readonly tree = new Remembered('dashcam.tree.shown', false);

  /** Shows a panel at the side of the list in place of the other one, or none. */
  toggle(panel: 'facets' | 'tree'): void {
    const shown = !this[panel].value;
    this.facets.value = shown && panel === 'facets';
    this.tree.value = shown && panel === 'tree';
  }
}
