// The menu of copies.
import * as counts from './counts';

export const unredacted = 'Redaction was off: passwords and tokens are copied as they passed.';
export const redacted = (values: number, id: number) =>
  `${counts.values(values)} of this exchange ${counts.inflected(values, 'is', 'are')} redacted: placeholders are copied. dashcam show ${id} --as NAME --unseal has the values.`;
export const noSecrets = 'Redaction found no secrets: what is copied stands as it passed.';
export const menu = (id: number) => `Copy exchange ${id}`;
export const requestAs = 'The request as';
export const exchange = 'The exchange';
export const har = 'HAR';
export const linkTitle = 'Contains no secrets. Opening it requires signing in.';
export const link = 'Link to this exchange';
export const responseBody = 'Response body';

// The formats of requests.
export const curl = 'curl (bash)';
export const powershell = 'curl (PowerShell)';
export const fetch = 'fetch (JavaScript)';
export const requests = 'Python requests';
export const httpx = 'Python httpx';
export const httpie = 'HTTPie';
export const go = 'Go net/http';
export const reqwest = 'Rust reqwest';
export const hurl = 'Hurl';
export const http = 'HTTP request';
