// A curl command as a request.
import * as texts from '../../texts/curl';
import type { Draft } from './edit';
import { words } from './shell';

/** The request that a command would send, and what of the command is not done; or why it can't be read. */
export type FromCurl = { draft: Draft; notes: string[]; problem?: undefined } | { problem: string };

interface Reading {
  method: string | null;
  url: string | null;
  headers: [string, string | null][];
  data: string[];
  type: string | null;
  get: boolean;
  head: boolean;
  notes: string[];
}

/** Reads an option's value, or its presence; answers why it can't. */
type Option = (reading: Reading, value: string) => string | undefined;

const header = (name: string) => (reading: Reading, value: string) => void reading.headers.push([name, value]);
const note = (text: string) => (reading: Reading) => void reading.notes.push(text);
const nothing = () => undefined;
const fromFile = (option: string) => texts.readsFile(option);

/** Options with a value. */
const VALUED: Record<string, Option> = {
  '-X --request': (reading, value) => void (reading.method = value),
  '--url': setUrl,
  '-H --header': addHeader,
  '-d --data --data-ascii': (reading, value) => addData(reading, value, true),
  '--data-binary': (reading, value) => addData(reading, value, true),
  '--data-raw': (reading, value) => addData(reading, value, false),
  '--data-urlencode': addEncoded,
  '--json': (reading, value) => {
    reading.headers.push(['Accept', 'application/json']);
    reading.type = 'application/json';
    return addData(reading, value, true);
  },
  '-u --user': (reading, value) => void reading.headers.push(['Authorization', basic(value)]),
  '-b --cookie': (reading, value) =>
    value.includes('=') ? void reading.headers.push(['Cookie', value]) : fromFile('-b'),
  '-A --user-agent': header('User-Agent'),
  '-e --referer': header('Referer'),
  '-r --range': (reading, value) => void reading.headers.push(['Range', `bytes=${value}`]),
  '--oauth2-bearer': (reading, value) => void reading.headers.push(['Authorization', `Bearer ${value}`]),
  '-F --form --form-string': () => texts.formHasParts,
  '-T --upload-file': () => fromFile('-T'),
  '-K --config': () => fromFile('-K'),
  '-x --proxy': note(texts.proxyLeftOut),
  '--resolve --connect-to --interface --unix-socket': note(texts.connectionLeftOut),
  '--cacert --capath --cert -E --key': note(texts.certificatesLeftOut),
  '-o --output -D --dump-header -w --write-out -m --max-time --connect-timeout --retry --retry-delay --limit-rate -c --cookie-jar --max-redirs --ciphers --tls-max --stderr --trace --trace-ascii':
    nothing,
};

/** Options without one. */
const FLAGS: Record<string, Option> = {
  '-G --get': (reading) => void (reading.get = true),
  '-I --head': (reading) => void (reading.head = true),
  '-k --insecure': note(texts.insecureLeftOut),
  '-L --location': note(texts.redirectsLeftOut),
  '--compressed': (reading) => void reading.headers.push(['Accept-Encoding', 'gzip, deflate, br, zstd']),
  '-s --silent -S --show-error -v --verbose -i --include -f --fail --fail-with-body -g --globoff --path-as-is -O --remote-name -J --remote-header-name -N --no-buffer -# --progress-bar -q --disable -Z --parallel -4 --ipv4 -6 --ipv6 --http1.0 -0 --http1.1 --http2 --http2-prior-knowledge --http3 --tlsv1.2 --tlsv1.3 --tcp-nodelay --ssl-no-revoke --no-keepalive --digest --basic --anyauth --ntlm --post301 --post302':
    nothing,
};

const table = (of: Record<string, Option>) =>
  new Map(Object.entries(of).flatMap(([names, option]) => names.split(' ').map((name) => [name, option] as const)));
const valued = table(VALUED);
const flags = table(FLAGS);

/** Tells if `text` begins as a curl command does. */
export const isCurl = (text: string): boolean => /^\s*(#.*\n\s*)*(\$\s+)?curl(\.exe)?\s/.test(text);

/** Reads a curl command. */
export function fromCurl(text: string): FromCurl {
  const found = words(text.replace(/^(?:\s*#.*\n)*\s*(?:\$\s+(?=curl))?/, ''));
  if (found.problem !== undefined) return found;
  const [program, ...rest] = found.words;
  if (program !== 'curl' && program !== 'curl.exe') return { problem: texts.noCurl };
  const reading: Reading = {
    method: null,
    url: null,
    headers: [],
    data: [],
    type: null,
    get: false,
    head: false,
    notes: [],
  };
  const problem = readAll(reading, rest);
  if (problem !== undefined) return { problem };
  if (reading.url === null) return { problem: texts.noUrl };
  return { draft: draftOf(reading, reading.url), notes: [...new Set(reading.notes)] };
}

function readAll(reading: Reading, rest: readonly string[]): string | undefined {
  const queue = [...rest];
  let only = false;
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (only || word === '-' || !word.startsWith('-')) {
      const problem = setUrl(reading, word);
      if (problem !== undefined) return problem;
      continue;
    }
    if (word === '--') {
      only = true;
      continue;
    }
    // -sXPOST is -s -X POST.
    const isShort = !word.startsWith('--');
    const name = isShort ? word.slice(0, 2) : word;
    const tail = isShort ? word.slice(2) : '';
    const flag = flags.get(name) ?? (name.startsWith('--no-') ? nothing : undefined);
    const option = valued.get(name);
    let problem: string | undefined;
    if (flag !== undefined) {
      problem = flag(reading, '');
      if (tail !== '') queue.unshift(`-${tail}`);
    } else if (option !== undefined) {
      const value = tail === '' ? queue.shift() : tail;
      problem = value === undefined ? texts.noValue(name) : option(reading, value);
    } else problem = texts.unknownOption(name);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function setUrl(reading: Reading, url: string): string | undefined {
  if (reading.url !== null) return texts.twoUrls(reading.url, url);
  reading.url = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`;
  return undefined;
}

/** `Name: value`; `Name;` for an empty value; `Name:` for none at all. */
function addHeader(reading: Reading, line: string): string | undefined {
  if (line.startsWith('@')) return fromFile('-H');
  const colon = line.indexOf(':');
  if (colon < 0) {
    if (!line.endsWith(';')) return texts.headerWithoutColon(line);
    reading.headers.push([line.slice(0, -1).trim(), '']);
    return undefined;
  }
  const value = line.slice(colon + 1).trim();
  reading.headers.push([line.slice(0, colon).trim(), value === '' ? null : value]);
  return undefined;
}

function addData(reading: Reading, value: string, mayBeFile: boolean): string | undefined {
  if (mayBeFile && value.startsWith('@')) return fromFile(texts.theBody);
  reading.data.push(value);
  return undefined;
}

function addEncoded(reading: Reading, value: string): string | undefined {
  const equals = value.indexOf('=');
  if (equals < 0) {
    if (value.includes('@')) return fromFile('--data-urlencode');
    reading.data.push(encoded(value));
  } else {
    const name = value.slice(0, equals);
    reading.data.push(`${name === '' ? '' : `${name}=`}${encoded(value.slice(equals + 1))}`);
  }
  return undefined;
}

const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

function basic(value: string): string {
  const bytes = new TextEncoder().encode(value.includes(':') ? value : `${value}:`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

function draftOf(reading: Reading, url: string): Draft {
  const hasData = reading.data.length > 0;
  const data = reading.data.join('&');
  const hasBody = hasData && !reading.get;
  const named = (name: string) => reading.headers.some(([other]) => other.toLowerCase() === name);
  const headers = reading.headers.filter((header): header is [string, string] => header[1] !== null);
  if (hasBody && !named('content-type')) {
    headers.push(['Content-Type', reading.type ?? 'application/x-www-form-urlencoded']);
  }
  const query = hasData && reading.get ? `${url.includes('?') ? '&' : '?'}${data}` : '';
  return {
    method: reading.method ?? (reading.head ? 'HEAD' : hasBody ? 'POST' : 'GET'),
    url: withPath(url, query),
    headers: headers.map(([name, value]) => `${name}: ${value}`).join('\n'),
    body: hasBody ? data : '',
  };
}

/** The URL with a query behind it, and before its fragment, which is not sent. */
function withPath(url: string, query: string): string {
  const [address = ''] = url.split('#', 1);
  const hasPath = /^[a-z][a-z0-9+.-]*:\/\/[^/?]*[/?]/i.test(address);
  return `${hasPath ? address : `${address}/`}${query}`;
}
