// The formats in which a request can be copied: one line each, as the API has them.
import type { SnippetFormat } from '../../api/types';

export const SNIPPETS: Readonly<Record<SnippetFormat, string>> = {
  curl: 'curl (bash)',
  powershell: 'curl (PowerShell)',
  fetch: 'fetch (JavaScript)',
  requests: 'Python requests',
  httpx: 'Python httpx',
  httpie: 'HTTPie',
  go: 'Go net/http',
  reqwest: 'Rust reqwest',
  hurl: 'Hurl',
  http: 'HTTP request',
};

/** The formats with their names for people, in the order of the menu. */
export const snippets = () => Object.entries(SNIPPETS) as [SnippetFormat, string][];
