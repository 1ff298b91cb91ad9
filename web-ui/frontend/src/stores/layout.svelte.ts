// Where the open exchange is shown, and whether its two sides are beside each other; the browser remembers it.

export const LAYOUTS = ['beside', 'below', 'full'] as const;

/** Where the open exchange is: beside the list, below it, or in its place. */
export type Layout = (typeof LAYOUTS)[number];

const [LAYOUT, SIDES] = ['dashcam.layout', 'dashcam.sides'];

export class PaneLayout {
  layout = $state<Layout>(LAYOUTS.find((one) => one === localStorage.getItem(LAYOUT)) ?? 'beside');
  /** Request and response are side by side where there is room. */
  sides = $state(localStorage.getItem(SIDES) !== 'no');

  set(layout: Layout): void {
    this.layout = layout;
    localStorage.setItem(LAYOUT, layout);
  }

  /** Goes to the next of the ways. */
  cycle(): void {
    this.set(LAYOUTS[(LAYOUTS.indexOf(this.layout) + 1) % LAYOUTS.length] ?? 'beside');
  }

  setSides(sides: boolean): void {
    this.sides = sides;
    localStorage.setItem(SIDES, sides ? 'yes' : 'no');
  }
}
