// A test's page over the real dashcam, with traffic of its own: the binary is $DASHCAM_BIN, or the debug build.
import { test as base, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { connect as startTls } from 'node:tls';
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
  /** The origin's answers of a test's own, by the path. */
  readonly answers = new Map<string, (response: ServerResponse) => void>();
  #proxy = '';
  #process: ChildProcess | undefined;
  readonly #home = mkdtempSync(join(tmpdir(), 'dashcam-page-'));
  readonly #origin: Server = createServer((request, response) => {
    const own = this.answers.get(request.url ?? '/');
    if (own === undefined) answer(request, response);
    else own(response);
  });

  /** Starts the origin, and dashcam before it. */
  async start(): Promise<void> {
    if (!existsSync(BINARY)) throw new Error(`there is no ${BINARY}: run cargo build --package dashcam`);
    this.#origin.on('upgrade', (_, socket) => socket.end(SOCKET));
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

  /** Opens a WebSocket through the proxy, over which the origin says one thing, and waits for its end. */
  async socket(path: string): Promise<void> {
    const { options } = this.#through('api.shop.test', path);
    const headers = { ...options.headers, connection: 'Upgrade', upgrade: 'websocket' };
    const key = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' };
    const asked = request({ ...options, headers: { ...headers, ...key } }).end();
    const [, socket] = (await once(asked, 'upgrade')) as [IncomingMessage, Socket];
    socket.resume().end();
    await once(socket, 'close');
  }

  /** Runs a command of the command line on this recording; its output. */
  async run(words: string[]): Promise<string> {
    const child = spawn(BINARY, [...words, '--home', this.#home], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [said, complaints] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (said += data.toString()));
    child.stderr.on('data', (data: Buffer) => (complaints += data.toString()));
    const [code] = (await once(child, 'close')) as [number];
    if (code !== 0) throw new Error(`dashcam ${words.join(' ')} ended with ${code}: ${complaints}`);
    return said;
  }

  /** Sends a request through the proxy and waits for its response's end. */
  async send({ host = 'api.shop.test', path, method = 'GET', headers = {}, body }: Sent): Promise<void> {
    const { options } = this.#through(host, path);
    const all = { ...options, method, headers: { ...options.headers, ...headers } };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(all, resolve).on('error', reject).end(body);
    });
    for await (const _ of response) void _;
  }

  /** The way of a request to the origin through the proxy. */
  #through(host: string, path: string) {
    const { port } = this.#origin.address() as AddressInfo;
    const { hostname, port: proxyPort } = new URL(this.#proxy);
    const [authority, url] = [`${host}:${port}`, `http://${host}:${port}${path}`];
    return { options: { hostname, port: proxyPort, path: url, headers: { host: authority } } };
  }

  /** Asks the proxy for a tunnel to the origin; the socket is there once it is granted. */
  async tunnel(host = 'api.shop.test'): Promise<Socket> {
    const { port } = this.#origin.address() as AddressInfo;
    const { hostname, port: proxyPort } = new URL(this.#proxy);
    const socket = connect(Number(proxyPort), hostname);
    socket.on('error', () => undefined);
    socket.write(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    return socket;
  }

  /** Opens a tunnel, and speaks no HTTP in it. */
  async speakOther(host?: string): Promise<void> {
    const socket = await this.tunnel(host);
    socket.end('\x00\x01 no HTTP\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve).resume());
  }

  /** Opens a tunnel, and rejects dashcam's certificate in it. */
  async rejectCertificate(host = 'www.shop.test'): Promise<void> {
    const socket = startTls({ socket: await this.tunnel(host), servername: host });
    await new Promise((resolve) => socket.once('error', resolve));
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

/** A handshake, a message and its end: `hello`. */
const SOCKET = Buffer.concat([
  Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'),
  Buffer.from('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'),
  Buffer.from([0x81, 5, ...Buffer.from('hello'), 0x88, 0]),
]);

/**
 * The origin: the path says what it answers, as in `/status/404`, `/slow/503` (after 600 ms), `/broken` (nothing), `/type/text/html`,
 * `/events` (two of them) and `/large/50` (megabytes of JSON).
 */
function answer({ url = '/' }: IncomingMessage, response: ServerResponse): void {
  const [, megabytes] = /^\/large\/(\d+)/.exec(url) ?? [];
  if (megabytes !== undefined) {
    response.writeHead(200, { 'content-type': 'application/json' });
    Readable.from(largeJson(Number(megabytes) * 1_000_000)).pipe(response);
    return;
  }
  const [, slow] = /^\/slow\/(\d+)/.exec(url) ?? [];
  if (slow !== undefined) return void setTimeout(() => response.writeHead(Number(slow)).end('{}'), 600);
  if (url === '/broken') return void response.destroy();
  if (url.startsWith('/events')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: one\n\ndata: two\n\n');
    return;
  }
  // A GraphQL answer, and a gRPC one without a body: their failures are not in the status.
  if (url.startsWith('/graphql')) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"data":null,"errors":[{"message":"no such cart"}]}');
    return;
  }
  const [, grpc] = /^\/shop\.v1\.Orders\/Status(\d+)/.exec(url) ?? [];
  if (grpc !== undefined) {
    response.writeHead(200, { 'content-type': 'application/grpc', 'grpc-status': grpc });
    response.end();
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
    // The next test has the same context.
    await page.context().clearPermissions();
    base.expect(wrong, "errors in the browser's console").toEqual([]);
  },
});

export { expect } from '@playwright/test';
