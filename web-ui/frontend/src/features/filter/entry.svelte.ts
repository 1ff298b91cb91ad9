// The behaviour of the filter's field: the offers below it, the keys, and how an offer is taken.
import { Completion } from '../../stores/completion.svelte';
import type { FilterHistory } from '../../stores/filter_history.svelte';
import type { Presets } from '../../stores/presets.svelte';
import * as texts from '../../texts/filter';
import { after, characters, isUnfinished, wordStart } from './typed';

/** Something that is offered below the field. */
export interface Choice {
  kind: 'offer' | 'recent' | 'preset';
  text: string;
  meaning: string;
}

export interface Group {
  /** Its title; offers have none. */
  title: string | null;
  choices: readonly Choice[];
}

/** The part of a field that matters: its text, and where the cursor is. */
export interface Cursor {
  value: string;
  selectionStart: number | null;
}

/** A text to put into the field, with the cursor at `at`. */
export type Place = (text: string, at: number) => void;

/** How many recent filters are offered at most. */
const RECENT = 8;

/** The page, as far as the field knows it. */
export interface Page {
  readonly filter: string;
  readonly presets: Presets;
  readonly history: FilterHistory;
  /** The filter is being typed. */
  setFilter: (text: string) => void;
  /** The filter is being typed, and can't be read yet. */
  holdFilter: (text: string) => void;
  /** The filter is as it is meant to be. */
  commitFilter: (text: string) => void;
}

export class FilterEntry {
  /** True if there may be something below the field. */
  isOpen = $state(false);
  /** The choice that Enter takes. It stays the same while others come and go. */
  #chosen = $state.raw<Choice | null>(null);
  readonly completion = new Completion();
  readonly #app: Page;
  /** Puts a text into the field. */
  readonly #place: Place;
  /** How far back in the history the field is; -1 where it has what was typed, which is `#draft`. */
  #back = -1;
  #draft = '';

  groups = $derived.by((): readonly Group[] => {
    const { offers } = this.completion;
    if (!this.isOpen) return [];
    if (offers.length > 0) return [{ title: null, choices: offers.map((offer) => ({ kind: 'offer', ...offer })) }];
    return this.#app.filter.trim() === '' ? this.#kept() : [];
  });
  choices = $derived(this.groups.flatMap(({ choices }) => choices));
  /** Index of the choice that Enter takes; -1 for none. */
  active = $derived(
    this.choices.findIndex(({ kind, text }) => kind === this.#chosen?.kind && text === this.#chosen.text),
  );
  /** True if something is below the field. */
  isShown = $derived(this.choices.length > 0);

  constructor(app: Page, place: Place) {
    this.#app = app;
    this.#place = place;
  }

  /** Something was typed, pasted or cut. */
  typed(cursor: Cursor): void {
    this.#back = -1;
    this.#change(cursor.value, cursor.selectionStart ?? cursor.value.length);
  }

  /** The cursor was moved without typing: other things may stand there. */
  moved({ value, selectionStart }: Cursor): void {
    if (this.isShown && this.completion.offers.length > 0) {
      this.#ask(value, selectionStart ?? value.length);
    }
  }

  /** The field was entered, or clicked into. */
  entered({ value }: Cursor): void {
    this.#app.history.refresh();
    void this.#app.presets.refetch();
    if (value.trim() === '') this.#open();
  }

  /** The field was left: what stands in it counts. */
  left(text: string): void {
    this.close();
    this.#back = -1;
    if (text.trim() !== '') this.#app.commitFilter(text);
  }

  /** Chooses a choice, or none (-1); it is not taken yet. */
  choose(index: number): void {
    this.#chosen = this.choices[index] ?? null;
  }

  close(): void {
    this.isOpen = false;
    this.#chosen = null;
    this.completion.clear();
  }

  /** Acts on a key; answers whether it was one for the field. */
  key(event: KeyboardEvent, cursor: Cursor): boolean {
    if (event.isComposing || event.metaKey || event.altKey) return false;
    if (event.ctrlKey) return event.key === ' ' && this.#askAll(cursor);
    switch (event.key) {
      case 'ArrowDown':
        return this.#down(cursor);
      case 'ArrowUp':
        return this.#up(cursor);
      case 'Enter':
        return this.#enter(cursor);
      case 'Tab':
        return !event.shiftKey && this.#tab(cursor);
      case 'Escape':
        return this.#escape();
      case 'Delete':
        return event.shiftKey && this.#forget();
      default:
        return false;
    }
  }

  /** Takes a choice. */
  take(choice: Choice, { value }: Cursor): void {
    this.#back = -1;
    if (choice.kind !== 'offer') {
      const text = choice.kind === 'preset' ? `preset:${choice.text}` : choice.text;
      this.#place(text, text.length);
      this.close();
      return this.#app.commitFilter(text);
    }
    const { from, to } = this.completion;
    const { text, at, goesOn } = after(value, from, to, choice.text);
    this.#place(text, at);
    this.#change(text, at, 0);
    if (!goesOn) this.close();
  }

  #kept(): Group[] {
    const { history, presets } = this.#app;
    const recent = history.list.slice(0, RECENT).map((text) => ({ kind: 'recent' as const, text, meaning: '' }));
    const kept = presets.list.map(({ name, filter }) => ({ kind: 'preset' as const, text: name, meaning: filter }));
    const groups = [
      { title: texts.recent, choices: recent },
      { title: texts.presetsTitle, choices: kept },
    ];
    return groups.filter(({ choices }) => choices.length > 0);
  }

  #open(): void {
    this.isOpen = true;
    this.#chosen = null;
  }

  #change(text: string, at: number, wait?: number): void {
    this.#open();
    // A condition that has just been begun can't be read yet: the list stays as it is for the moment.
    if (isUnfinished(text.slice(0, at))) this.#app.holdFilter(text);
    else this.#app.setFilter(text);
    if (text.trim() === '') this.completion.clear();
    else this.completion.ask(text, characters(text, at), false, wait);
  }

  #ask(text: string, at: number, isAsked = false): void {
    this.#chosen = null;
    this.completion.ask(text, characters(text, at), isAsked, 0);
  }

  #askAll({ value, selectionStart }: Cursor): boolean {
    this.#open();
    this.#ask(value, selectionStart ?? value.length, true);
    return true;
  }

  #down(cursor: Cursor): boolean {
    if (this.#back >= 0 && this.active < 0) return this.#recall(this.#back - 1, cursor);
    if (!this.isShown) {
      if (cursor.value.trim() === '' && !this.isOpen) this.#open();
      else this.#askAll(cursor);
      return true;
    }
    this.choose((this.active + 1) % this.choices.length);
    return true;
  }

  #up(cursor: Cursor): boolean {
    if (this.active >= 0) this.choose(this.active - 1);
    else this.#recall(this.#back + 1, cursor);
    return true;
  }

  /** Puts a filter of the history into the field, as shells do; -1 is what was typed. */
  #recall(back: number, { value }: Cursor): boolean {
    const { history } = this.#app;
    if (this.#back < 0) this.#draft = value;
    // The one that is in the field already is no step.
    const list = history.list.filter((text) => text !== this.#draft.trim());
    const text = back < 0 ? this.#draft : list[back];
    if (text === undefined) return true;
    this.close();
    this.#back = back;
    this.#place(text, text.length);
    this.#app.setFilter(text);
    return true;
  }

  #enter(cursor: Cursor): boolean {
    const choice = this.choices[this.active];
    if (choice !== undefined) this.take(choice, cursor);
    else {
      this.close();
      this.#back = -1;
      this.#app.commitFilter(cursor.value);
    }
    return true;
  }

  /** Takes what is chosen, or the first that completes what was begun. Otherwise the key leads out of the field. */
  #tab(cursor: Cursor): boolean {
    const { offers, from, to } = this.completion;
    const choice = this.choices[this.active] ?? (offers.length > 0 && to > from ? this.choices[0] : undefined);
    if (choice === undefined) return false;
    this.take(choice, cursor);
    return true;
  }

  #escape(): boolean {
    if (!this.isShown) return false;
    this.close();
    return true;
  }

  #forget(): boolean {
    const choice = this.choices[this.active];
    if (choice?.kind !== 'recent') return false;
    const at = this.active;
    this.#app.history.remove(choice.text);
    this.choose(Math.min(at, this.choices.length - 1));
    return true;
  }

  /** True if the error at `column` (from 1) of `text` is in what is being chosen just now. */
  covers(column: number, text: string): boolean {
    const { offers, from } = this.completion;
    return this.isShown && offers.length > 0 && column > wordStart(text, from);
  }
}
