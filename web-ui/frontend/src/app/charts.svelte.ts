// Panels beside and above the list: open or not, as this browser remembers it.
import { Remembered } from '../stores/remembered.svelte';

export class Charts {
  readonly histogram = new Remembered('dashcam.histogram', true);
  /** Rows for connections that no exchange stands for. */
  readonly connections = new Remembered('dashcam.connections', false);
  readonly facets = new Remembered('dashcam.facets', false);
}
