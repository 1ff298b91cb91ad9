// The jobs of docs/COMPARED.md over the real dashcam: each is done on the page, or by its command, in as many steps as the
// table says, and never in more than mitmweb.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from '@playwright/test';
import { expect, test, type Dashcam } from './dashcam';

/** Enough to lose a failing call in. */
const CALLS = 5000;

/** Hands on the page, which count: a click, a key or shortcut, and a typed entry is a step each. */
class Hands {
  steps = 0;

  constructor(readonly page: Page) {}

  async click(what: Locator | string, options: Parameters<Locator['click']>[0] = {}): Promise<void> {
    this.steps += 1;
    await (typeof what === 'string' ? this.page.getByTestId(what) : what).first().click(options);
  }

  async press(key: string): Promise<void> {
    this.steps += 1;
    await this.page.keyboard.press(key);
  }

  /** Types over what is selected. */
  async type(text: string): Promise<void> {
    this.steps += 1;
    await this.page.keyboard.insertText(text);
  }

  /** Filters, so that `count` rows are left. */
  async filter(text: string, count: number): Promise<void> {
    await this.press('/');
    await this.type(text);
    await expect(this.page.getByTestId('row')).toHaveCount(count);
  }

  /** Rows whose path has `path`. */
  row(path: string): Locator {
    return this.page.getByTestId('row').filter({ hasText: path });
  }
}

interface Job {
  /** Does it on the page, and sees that it is done. */
  page: (hands: Hands) => Promise<void>;
  /** Its commands, if the command line can do it, and a text that the last one prints. */
  commands?: { words: (id: number) => string[][]; path?: string; prints: RegExp };
}

const JOBS: Record<string, Job> = {
  'find the failing call among 5,000': {
    page: async (hands) => {
      await hands.filter('status:503', 2);
      await expect(hands.row('/status/503')).toBeVisible();
    },
    commands: { words: () => [['ls', 'status:503']], prints: /\/status\/503/ },
  },
  'why it failed': {
    page: async (hands) => {
      await hands.click(hands.row('/broken'));
      await expect(hands.page.getByTestId('failure')).toContainText('upstream');
    },
    commands: { words: (id) => [['show', String(id)]], path: '/broken', prints: /upstream/i },
  },
  'replay it, edited': {
    page: async (hands) => {
      await hands.click(hands.row('/v1/orders/1'));
      await expect(hands.page.getByTestId('detail-status')).toBeVisible();
      await hands.press('e');
      const url = hands.page.getByTestId('edit-url');
      await expect(url).toHaveValue(/orders/);
      const { width = 0, height = 0 } = (await url.boundingBox()) ?? {};
      // Behind its last letter.
      await hands.click(url, { position: { x: width - 5, y: height / 2 } });
      await hands.type('?edited=1');
      await hands.press('Control+Enter');
      await expect(hands.page.getByTestId('compare-request')).toContainText('edited');
    },
    commands: { words: (id) => [['replay', String(id), '--with-header', 'X-Try: 1']], prints: /200/ },
  },
  'compare two calls': {
    page: async (hands) => {
      await hands.click(hands.row('/v1/orders/2'), { modifiers: ['ControlOrMeta'] });
      await hands.click(hands.row('/v1/orders/1'), { modifiers: ['ControlOrMeta'] });
      await hands.click('compare-chosen');
      await expect(hands.page.getByTestId('compare')).toBeVisible();
    },
  },
  'share one as curl': {
    page: async (hands) => {
      await hands.click(hands.row('/v1/orders/1'));
      await hands.click('copy-as');
      await hands.click('copy-curl');
      await expect(hands.page.getByText(/^Copied /)).toBeVisible();
    },
    commands: { words: (id) => [['show', String(id), '--curl']], prints: /curl/ },
  },
  'find out how a client is made to trust it': {
    page: async (hands) => {
      await hands.click('connect');
      await expect(hands.page.getByTestId('guide')).toContainText('ca.pem');
    },
    commands: { words: () => [['ca']], prints: /ca\.pem/ },
  },
  'the calls of one program': {
    page: async (hands) => {
      await hands.press('/');
      await hands.type('program:node');
      await expect(hands.page.getByTestId('filter-words')).toContainText('program');
      await expect(hands.row('/v1/orders/2').first()).toBeVisible();
    },
    commands: { words: () => [['ls', 'program:node']], prints: /orders/ },
  },
  'recording off and on in traffic': {
    page: async (hands) => {
      await hands.click('level-off');
      await expect(hands.page.getByTestId('level-current')).toHaveText('off');
      await hands.click('level-full');
      await expect(hands.page.getByTestId('level-current')).toHaveText('full');
    },
    commands: {
      words: () => [
        ['record', 'off'],
        ['record', 'full'],
      ],
      prints: /full/,
    },
  },
  'the last hour of one host': {
    page: async (hands) => hands.filter('host:www.shop.test since:1h', 3),
    commands: { words: () => [['ls', 'host:www.shop.test', 'since:1h']], prints: /\/slow\/503/ },
  },
  'the slowest endpoint': {
    page: async (hands) => {
      await hands.click('tab-dashboard');
      await expect(hands.page.getByTestId('slowest')).toContainText('/slow/');
    },
    commands: { words: () => [['stats', '--by', 'path', '--stat', 'p95,count']], prints: /slow/ },
  },
  'an event stream': {
    page: async (hands) => {
      await hands.click(hands.row('/events'));
      await expect(hands.page.getByTestId('detail').getByRole('tabpanel')).toContainText('two');
    },
    commands: { words: (id) => [['show', String(id), '--body']], path: '/events', prints: /data: two/ },
  },
  'a WebSocket': {
    page: async (hands) => {
      await hands.click(hands.row('/socket'));
      await expect(hands.page.getByTestId('message-row').filter({ hasText: 'hello' })).toHaveCount(1);
    },
    commands: { words: (id) => [['show', String(id)]], path: '/socket', prints: /hello/ },
  },
  'a multipart upload': {
    page: async (hands) => {
      await hands.click(hands.row('/upload'));
      await expect(hands.page.getByTestId('detail')).toContainText('cat.txt');
    },
    commands: { words: (id) => [['show', String(id)]], path: '/upload', prints: /cat\.txt/ },
  },
  'a text in 30 MB of JSON': {
    page: async (hands) => {
      await hands.click(hands.row('/large/30'));
      await expect(hands.page.getByTestId('find-body')).toBeVisible();
      await hands.press('b');
      await hands.type('order 100000');
      await expect(hands.page.getByTestId('find-count')).toHaveText(/^1 of /, { timeout: 60_000 });
    },
    commands: { words: (id) => [['show', String(id), '--body']], path: '/large/30', prints: /order 100000/ },
  },
  'a text in all bodies': {
    page: async (hands) => hands.filter('body:"the needle"', 1),
    commands: { words: () => [['ls', 'body:"the needle"']], prints: /\/upload/ },
  },
  '5xx of one host, slower than 500 ms': {
    page: async (hands) => hands.filter('status:5xx host:www.shop.test dur:>500ms', 1),
    commands: { words: () => [['ls', 'status:5xx', 'host:www.shop.test', 'dur:>500ms']], prints: /\/slow\/503/ },
  },
};

interface Steps {
  page: number;
  commands: number | null;
  mitmweb: number | null;
}

const COMPARED = readFileSync(fileURLToPath(new URL('../../../docs/COMPARED.md', import.meta.url)), 'utf8');

/** The steps of each job, as docs/COMPARED.md has them: a cell begins with its number, or is a dash. */
function documented(): Map<string, Steps> {
  const number = (cell = '') => (/^\d+/.test(cell) ? Number.parseInt(cell, 10) : null);
  const rows = COMPARED.split('\n').flatMap((line): [string, Steps][] => {
    const [, position, job, page, commands, mitmweb] = line.split('|').map((cell) => cell.trim());
    // Of the table with the numbers; the other one says how.
    if (job === undefined || !/^\d+$/.test(position ?? '') || number(page) === null) return [];
    return [[job, { page: number(page) ?? 0, commands: number(commands), mitmweb: number(mitmweb) }]];
  });
  return new Map(rows);
}

/** The totals, as they are written there. */
function totals(): (number | null)[] {
  const [, page, commands, mitmweb] =
    /^\| \| total of those that it can do \| (\d+) \| (\d+) \| (\d+) \|$/m.exec(COMPARED) ?? [];
  return [page, commands, mitmweb].map((cell) => (cell === undefined ? null : Number(cell)));
}

/** Something for each job, among other calls. */
async function traffic(dashcam: Dashcam): Promise<void> {
  await dashcam.send({ path: '/status/503' });
  const callers = Array.from({ length: 8 }, async (_, first) => {
    for (let call = first; call < CALLS; call += 8) await dashcam.send({ path: `/v1/items/${call}` });
  });
  await Promise.all(callers);
  await dashcam.send({ host: 'www.shop.test', path: '/slow/503' });
  await dashcam.send({ host: 'www.shop.test', path: '/slow/200' });
  await dashcam.send({ host: 'www.shop.test', path: '/status/404' });
  await dashcam.send({ path: '/broken' });
  await dashcam.send({ path: '/events' });
  await dashcam.socket('/socket');
  const part = (name: string, body: string) => `--b\r\nContent-Disposition: form-data; ${name}\r\n\r\n${body}\r\n`;
  await dashcam.send({
    path: '/upload',
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: `${part('name="note"', 'the needle')}${part('name="file"; filename="cat.txt"', 'meow')}--b--\r\n`,
  });
  await dashcam.send({ path: '/large/30' });
  await dashcam.send({ path: '/v1/orders/1' });
  await dashcam.send({ path: '/v1/orders/2' });
}

test('each job takes as many steps as docs/COMPARED.md says, and no more than in mitmweb', async ({
  dashcam,
  open,
  context,
}) => {
  test.setTimeout(300_000);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const steps = documented();
  expect([...steps.keys()]).toEqual(Object.keys(JOBS));
  const sum = (of: keyof Steps) => [...steps.values()].reduce((all, { [of]: one }) => all + (one ?? 0), 0);
  expect(totals()).toEqual([sum('page'), sum('commands'), sum('mitmweb')]);
  await traffic(dashcam);
  for (const [name, job] of Object.entries(JOBS)) {
    await test.step(name, async () => {
      const { page: ours, commands, mitmweb } = steps.get(name) ?? { page: 0, commands: 0, mitmweb: 0 };
      expect(ours, name).toBeLessThanOrEqual(mitmweb ?? Infinity);
      const page = await open('/');
      await expect(page.getByTestId('row').first()).toBeVisible();
      const hands = new Hands(page);
      await job.page(hands);
      expect(hands.steps, name).toBe(ours);
      const words = job.commands === undefined ? [] : await wordsOf(dashcam, job.commands);
      expect(words.length === 0 ? null : words.length, `${name}, by commands`).toBe(commands);
      let said = '';
      for (const command of words) said = await dashcam.run(command);
      if (job.commands !== undefined) expect(said, name).toMatch(job.commands.prints);
    });
  }
});

/** The commands of a job about the exchange that it is about. */
async function wordsOf(dashcam: Dashcam, { words, path }: NonNullable<Job['commands']>): Promise<string[][]> {
  const found = await dashcam.run(['ls', '--json', `path:${path ?? '/v1/orders/2'}`]);
  return words((JSON.parse(found.trim().split('\n').at(-1) ?? '{}') as { id: number }).id);
}
