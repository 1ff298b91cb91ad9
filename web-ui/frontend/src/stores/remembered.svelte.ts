// Choices that this browser remembers.

/** A choice between yes and no. */
export class Remembered {
  #value = $state(false);
  readonly #key: string;

  /** The choice that the browser remembers as `key`; `usual` before there was one. */
  constructor(key: string, usual: boolean) {
    this.#key = key;
    this.#value = (localStorage.getItem(key) ?? String(usual)) === 'true';
  }

  get value(): boolean {
    return this.#value;
  }

  set value(value: boolean) {
    this.#value = value;
    localStorage.setItem(this.#key, String(value));
  }
}
