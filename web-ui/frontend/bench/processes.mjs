// The programs of a measurement: dashcam with a store of its own, mitmweb with as many flows, and Chromium.
import { chromium } from '@playwright/test';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';

const RELEASE = process.env.DASHCAM_RELEASE ?? '../../target/release';
const TOOLS = process.env.DASHCAM_TOOLS ?? '../../target/test-tools';
/** mitmproxy by the Python that it needs, the newest first. */
const MITMPROXY = [
  { python: ['3.13', '3.12'], version: 'mitmproxy==12.3.1' },
  { python: ['3.11', '3.10'], version: 'mitmproxy==11.0.2' },
];

/** Starts a program; resolves once `ready` finds what it is after in what it prints. */
export async function start(command, words, ready) {
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  const found = await new Promise((resolve, reject) => {
    const hear = (data) => {
      log += data.toString();
      const [, ...parts] = ready.exec(log) ?? [];
      if (parts.length > 0) resolve(parts);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${command} ended with ${code}: ${log}`)));
  });
  return { child, found };
}

/** Ends a program and waits for it. */
export async function end({ child }) {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** Records `number` exchanges into a new home. */
export function fill(home, number) {
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'config.toml'), '[retention]\nmax_size = "none"\nmax_age = "none"\n');
  const database = join(home, 'dashcam.db');
  const words = ['record', '--database', database, '--exchanges', String(number), '--largest-body', '2000'];
  execFileSync(join(RELEASE, 'dashcam-bench-finding'), [...words, '--indexed'], { stdio: 'inherit' });
}

/** Starts dashcam on `home`; `page` signs in, `proxy` takes traffic. */
export async function dashcam(home) {
  const words = ['--home', home, '-p', '0', '--web-port', '0', '--min-free', 'none'];
  const ready = /traffic is taken on (\S+)[\s\S]*the page is on (\S+) \(/;
  const running = await start(join(RELEASE, 'dashcam'), words, ready);
  const [proxy, page] = running.found;
  const token = readFileSync(join(home, 'token'), 'utf8').trim();
  return { ...running, proxy, origin: page, page: `${page}?token=${token}` };
}

/** Sends `rate` requests a second through `proxy`; what came of it. */
export async function load(proxy, rate, seconds) {
  const words = ['load', '--proxy', proxy, '--rate', String(rate), '--seconds', String(seconds)];
  const child = spawn(join(RELEASE, 'dashcam-bench-finding'), words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data) => (text += data.toString()));
  const code = await new Promise((resolve) => child.on('exit', resolve));
  if (code !== 0) throw new Error(`the load ended with ${code}`);
  return JSON.parse(text);
}

/** Seconds of processor time that a process has used. */
export function cpu({ child }) {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The browser that all are measured with. */
export async function browser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--enable-precise-memory-info'],
  });
}

/** Starts mitmweb on a dump with `number` flows; null where it can't be installed. */
export async function mitmweb(folder, number) {
  const venv = install();
  if (venv === null) return null;
  const dump = join(folder, 'mitmweb.flows');
  writeDump(venv, dump, number);
  const port = await freePort();
  const words = ['-r', dump, '-p', '0', '--web-port', port, '--no-web-open-browser', '--set', 'web_password=measured'];
  const running = await start(join(venv, 'bin/mitmweb'), words, /Web server listening at (http:\/\/[^/\s]+\/)/i);
  const version = execFileSync(join(venv, 'bin/mitmweb'), ['--version'], { encoding: 'utf8' });
  const [origin] = running.found;
  return { ...running, origin, page: `${origin}?token=measured`, version: /Mitmproxy: (\S+)/.exec(version)?.[1] };
}

/** A port of the loopback that nobody has. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

function writeDump(venv, dump, number) {
  const lines = join(RELEASE, 'dashcam-bench-finding');
  const script = process.env.MITMPROXY_FLOWS ?? '../../benches/finding/mitmproxy_flows.py';
  const command = `"${lines}" lines --exchanges ${number} | "${venv}/bin/python" "${script}" write "${dump}"`;
  execFileSync('sh', ['-c', command], { stdio: ['ignore', 'inherit', 'inherit'] });
}

function install() {
  for (const { python, version } of MITMPROXY) {
    const program = python.map(found).find((path) => path !== null);
    if (program == null) continue;
    const venv = join(TOOLS, version.replaceAll('=', '-'));
    if (existsSync(join(venv, 'bin/mitmweb'))) return venv;
    execFileSync(program, ['-m', 'venv', '--clear', venv]);
    execFileSync(join(venv, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', version]);
    return venv;
  }
  return null;
}

/** A Python of a version: on the path, or one of pyenv's. */
function found(version) {
  const roots = process.env.PYENV_ROOT ?? join(homedir(), '.pyenv');
  const versions = existsSync(join(roots, 'versions')) ? readdirSync(join(roots, 'versions')) : [];
  const own = versions.filter((name) => name.startsWith(`${version}.`)).map((name) => join(roots, 'versions', name));
  const paths = [...own.map((path) => join(path, 'bin/python')), `/usr/bin/python${version}`];
  return paths.find((path) => existsSync(path)) ?? null;
}
