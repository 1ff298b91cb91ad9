// Copying text, also where the page is served over plain HTTP from another machine and has no `navigator.clipboard`.
import * as texts from '../texts/ui';

/** Copies `text`. Throws if the browser does not let us. */
export async function copy(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  document.body.append(area);
  area.select();
  // Deprecated, and the only way outside of a secure context.
  const copied = document.execCommand('copy');
  area.remove();
  if (!copied) throw new Error(texts.copyNotAllowed);
}
