// A test's page over the real dashcam, with traffic of its own: the binary is $DASHCAM_BIN, or the debug build.
import { test as base, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.DASHCAM_BIN ?? fileURLToPath(new URL('../../../target/debug/dashcam', import.meta.url));
/** Room for the largest body, so that nothing of it is lost where the disk is slow. */
const SETTINGS = '[recorder]\nmemory = 268435456\n';
const HOSTS = ['api.shop.test', 'www.shop.test', 'cdn.shop.test'];

/** A request through the proxy. */
export interface Sent {
  host?: string;
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

export class Dashcam {
  /** The page's address, which signs in. */
  page = '';
  #proxy = '';
  #process: ChildProcess | undefined;
  readonly #home = mkdtempSync(join(tmpdir(), 'dashcam-page-'));
  readonly #origin: Server = createServer(answer);

  /** Starts the origin, and dashcam before it. */
  async start(): Promise<void> {
    if (!existsSync(BINARY)) throw new Error(`there is no ${BINARY}: run cargo build --package dashcam`);
    await new Promise<void>((resolve) => this.#origin.listen(0, '127.0.0.1', resolve));
    writeFileSync(join(this.#home, 'config.toml'), SETTINGS);
    await this.#run([]);
  }

  /** Ends it, and starts it again on what it recorded, to be looked at only. */
  async restartReadOnly(): Promise<void> {
    await this.#stop();
    await this.#run(['--read-only']);
  }

  async end(): Promise<void> {
    await this.#stop();
    this.#origin.closeAllConnections();
    await new Promise((resolve) => this.#origin.close(resolve));
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** Sends a request through the proxy and waits for its response's end. */
  async send({ host = 'api.shop.test', path, method = 'GET', headers = {}, body }: Sent): Promise<void> {
    const { port } = this.#origin.address() as AddressInfo;
    const { hostname, port: proxyPort } = new URL(this.#proxy);
    const url = `http://${host}:${port}${path}`;
    const options = { hostname, port: proxyPort, method, path: url, headers: { host: `${host}:${port}`, ...headers } };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(options, resolve).on('error', reject).end(body);
    });
    for await (const _ of response) void _;
  }

  async #run(more: string[]): Promise<void> {
    const { port } = this.#origin.address() as AddressInfo;
    const takes = more.includes('--read-only')
      ? []
      : ['-p', '0', ...HOSTS.flatMap((host) => ['--resolve', `${host}:${port}:127.0.0.1`])];
    const all = ['--home', this.#home, '--web-port', '0', ...takes, ...more];
    const child = spawn(BINARY, all, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    let log = '';
    const page = await new Promise<string>((resolve, reject) => {
      child.stderr.on('data', (data: Buffer) => {
        log += data.toString();
        const [, address] = /the page is on (\S+) \(/.exec(log) ?? [];
        if (address !== undefined) resolve(address);
      });
      child.on('exit', (code) => reject(new Error(`dashcam ended with ${code}: ${log}`)));
    });
    this.#proxy = `http://${/traffic is taken on (\S+)/.exec(log)?.[1] ?? 'nowhere'}`;
    this.page = `${page}?token=${readFileSync(join(this.#home, 'token'), 'utf8').trim()}`;
  }

  async #stop(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
}

/** The origin: the path says what it answers, as in `/status/404`, `/type/text/html` and `/large/50` (megabytes of JSON). */
function answer({ url = '/' }: IncomingMessage, response: ServerResponse): void {
  const [, megabytes] = /^\/large\/(\d+)/.exec(url) ?? [];
  if (megabytes !== undefined) {
    response.writeHead(200, { 'content-type': 'application/json' });
    Readable.from(largeJson(Number(megabytes) * 1_000_000)).pipe(response);
    return;
  }
  const [, status] = /^\/status\/(\d+)/.exec(url) ?? [];
  const [, type] = /^\/type\/([^?]+)/.exec(url) ?? [];
  response.writeHead(Number(status ?? 200), {
    'content-type': type ?? 'application/json; charset=utf-8',
    'x-request-id': 'r-1',
  });
  response.end('{"user":{"id":42},"note":"out of stock"}');
}

/** A JSON document of about `length` bytes, in pieces. */
function* largeJson(length: number): Generator<string> {
  let passed = 0;
  yield '{"orders":[';
  for (let id = 0; passed < length;) {
    let piece = '';
    while (piece.length < 64 * 1024) {
      piece += `{"id":${id},"name":"order ${id}","total":${id % 997}.25,"paid":${id % 2 === 0},"tags":["a","b"]},`;
      id += 1;
    }
    passed += piece.length;
    yield piece;
  }
  yield 'null]}';
}

interface Fixtures {
  dashcam: Dashcam;
  /** Opens an address of the page, such as `/?filter=a`. */
  open: (address?: string) => Promise<Page>;
}

export const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern -- as Playwright asks for it
  dashcam: async ({}, use) => {
    const dashcam = new Dashcam();
    await dashcam.start();
    await use(dashcam);
    await dashcam.end();
  },

  open: async ({ dashcam, page }, use) => {
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(String(error)));
    await use(async (address = '/') => {
      // The token's address leads to the page, without it.
      await page.goto(dashcam.page);
      if (address !== '/') await page.goto(new URL(address, dashcam.page).href);
      await page
        .getByTestId('live-state')
        .filter({ hasText: /live|paused/ })
        .waitFor();
      return page;
    });
    base.expect(wrong, "errors in the browser's console").toEqual([]);
  },
});

export { expect } from '@playwright/test';
