// The formats in which a request can be copied: one line each, as the API has them.
import type { SnippetFormat } from '../../api/types';
import * as texts from '../../texts/copy';

export const SNIPPETS: Readonly<Record<SnippetFormat, string>> = {
  curl: texts.curl,
  powershell: texts.powershell,
  fetch: texts.fetch,
  requests: texts.requests,
  httpx: texts.httpx,
  httpie: texts.httpie,
  go: texts.go,
  reqwest: texts.reqwest,
  hurl: texts.hurl,
  http: texts.http,
};

/** The formats with their names for people, in the order of the menu. */
export const snippets = () => Object.entries(SNIPPETS) as [SnippetFormat, string][];
