// The documentation of the filter language, once somebody wants to read it.
import { fetchLanguage } from '../api/calls';
import { messageOf } from '../api/error';

export class Language {
  /** Markdown; empty until it is there. */
  text = $state('');
  error = $state<string | null>(null);

  async load(): Promise<void> {
    if (this.text !== '') return;
    try {
      this.text = await fetchLanguage();
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
    }
  }
}
