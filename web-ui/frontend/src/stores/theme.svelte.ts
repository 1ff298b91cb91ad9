// Light, dark, or as the system has it: a choice that this browser remembers. `index.html` applies it before the page is drawn.

export const THEMES = ['system', 'light', 'dark'] as const;
export type ThemeName = (typeof THEMES)[number];

const KEY = 'dashcam.theme';

export class Theme {
  #name = $state<ThemeName>('system');

  constructor() {
    const kept = localStorage.getItem(KEY);
    this.#name = THEMES.find((name) => name === kept) ?? 'system';
  }

  get name(): ThemeName {
    return this.#name;
  }

  set name(name: ThemeName) {
    this.#name = name;
    const root = document.documentElement;
    if (name === 'system') {
      localStorage.removeItem(KEY);
      delete root.dataset.theme;
    } else {
      localStorage.setItem(KEY, name);
      root.dataset.theme = name;
    }
  }

  /** The one after this one. */
  next(): void {
    this.name = THEMES[(THEMES.indexOf(this.#name) + 1) % THEMES.length] ?? 'system';
  }
}
