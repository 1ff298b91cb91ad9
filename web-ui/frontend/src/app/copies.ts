// The things to copy of an exchange.
import { fetchHar, fetchSnippet, fetchText } from '../api/calls';
import type { Direction, SnippetFormat } from '../api/types';
import { placeholders } from '../format/placeholders';
import { size } from '../format/size';
import type { Notices } from '../stores/notices.svelte';
import * as texts from '../texts/app';
import * as notices from '../texts/notices';
import * as counts from '../texts/counts';

/** The most of a body that is copied. */
const LARGEST = 4 * 1024 * 1024;

/** A copy's name, which says if there are placeholders in it. */
const named = (text: string, name: string) => (placeholders(text).length > 0 ? texts.withPlaceholders(name) : name);

export class Copies {
  readonly #copy: (text: string, what: string) => Promise<void>;
  readonly #notices: Notices;

  /** `copy` puts a text into the clipboard and names it to the person. */
  constructor(copy: (text: string, what: string) => Promise<void>, notices: Notices) {
    this.#copy = copy;
    this.#notices = notices;
  }

  /** The request as a command or a piece of a program; `title` names it. */
  snippet(id: number, format: SnippetFormat, title: string): Promise<void> {
    const unseal = `dashcam show ${id} --as ${format} --unseal`;
    return this.#of(
      () => fetchSnippet(id, format),
      title,
      (text) => (placeholders(text).length > 0 ? texts.snippetWithPlaceholders(title, unseal) : title),
    );
  }

  /** Commands of several exchanges, a line each. */
  commands(commands: readonly string[]): Promise<void> {
    const text = commands.join('\n');
    return this.#copy(text, named(text, counts.commands(commands.length)));
  }

  /** The exchange as a HAR file. */
  har(id: number): Promise<void> {
    return this.#of(
      () => fetchHar(id),
      texts.har,
      (text) => named(text, texts.exchangeAsHar),
    );
  }

  /** The address of an exchange on this page. */
  link(id: number): Promise<void> {
    return this.#copy(new URL(`/?exchange=${id}`, location.href).href, texts.link(id));
  }

  /** A body, if it is a text. */
  body(id: number, direction: Direction): Promise<void> {
    return this.#of(
      async () => {
        const body = await fetchText(id, direction, LARGEST);
        const { text } = body;
        if (text == null) throw new Error(texts.bodyNotText);
        // A shorter one still comes, or its end was not stored.
        if (body.truncated && body.size >= LARGEST) throw new Error(texts.bodyTooLarge(size(LARGEST)));
        return text;
      },
      texts.body,
      (text) => named(text, direction === 'request' ? texts.requestBody : texts.responseBody),
    );
  }

  async #of(fetch: () => Promise<string>, what: string, name: (text: string) => string): Promise<void> {
    try {
      const text = await fetch();
      await this.#copy(text, name(text));
    } catch (error) {
      this.#notices.failed(notices.notCopiedOf(what), error);
    }
  }
}
