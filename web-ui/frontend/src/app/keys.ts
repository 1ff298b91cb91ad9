// The keyboard: arrows move the selection, `/` goes to the filter, `p` pins what is open, Escape closes it.
import type { App } from './app.svelte';

const PAGE_ROWS = 20;

const STEPS: Record<string, number> = {
  ArrowDown: 1,
  j: 1,
  ArrowUp: -1,
  k: -1,
  PageDown: PAGE_ROWS,
  PageUp: -PAGE_ROWS,
  Home: -Infinity,
  End: Infinity,
};

/** Acts on a key pressed anywhere on the page. */
export function onKey(event: KeyboardEvent, app: App): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target instanceof Element ? event.target : null;
  // A dialog closes itself.
  if (target?.closest('dialog') != null) return;
  const typing = target?.closest('input, textarea, select') ?? null;
  if (event.key === 'Escape') return escape(app, typing);
  if (typing !== null) return;
  if (event.key === '/') {
    event.preventDefault();
    return focusFilter();
  }
  if (event.key === 'p') return togglePin(app);
  const step = STEPS[event.key];
  const elsewhere = target?.closest('[data-own-keys]') != null;
  if (step === undefined || elsewhere || app.view !== 'exchanges') return;
  event.preventDefault();
  app.move(step);
}

function escape(app: App, typing: Element | null): void {
  if (typing instanceof HTMLElement) typing.blur();
  else app.detail.close();
}

function togglePin(app: App): void {
  const { exchange } = app.detail;
  if (exchange !== null && !app.recording.readOnly) void app.pin(exchange.id, !exchange.pinned);
}

function focusFilter(): void {
  const filter = document.getElementById('filter');
  if (!(filter instanceof HTMLInputElement)) return;
  filter.focus();
  filter.select();
}
