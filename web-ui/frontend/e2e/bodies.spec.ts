// Bodies as what they are, in the real dashcam: messages that stand in them, types for Protocol Buffers, bytes at any place,
// and what the browser itself draws.
import { gzipSync } from 'node:zlib';
import { isAccessible } from './accessible';
import { expect, test, type Dashcam } from './dashcam';

/** Answers a path with a body of a type. */
function answers(dashcam: Dashcam, path: string, type: string, body: string | Uint8Array, more = {}): void {
  dashcam.answers.set(path, (response) => {
    response.writeHead(200, { 'content-type': type, ...more });
    response.end(body);
  });
}

test('an event stream opens as its messages, and goes on to the last one', async ({ dashcam, open }) => {
  let write: (text: string) => void = () => undefined;
  let end: () => void = () => undefined;
  dashcam.answers.set('/events', (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: price\ndata: {"symbol":"ACME","price":101}\n\n: still here\n\n');
    write = (text) => void response.write(text);
    end = () => void response.end();
  });
  const ended = dashcam.send({ path: '/events' });
  const page = await open();
  await page.locator('[data-testid="row"]').first().click();
  const rows = page.getByTestId('message-row');
  await expect(rows).toHaveCount(2);
  await expect(page.getByTestId('tab-messages')).toHaveAttribute('aria-selected', 'true');
  await expect(rows.first()).toContainText('price');
  await expect(rows.first()).toContainText('"symbol":"ACME"');
  // It has the time of day at which each event came.
  await expect(page.getByRole('columnheader', { name: 'Time' })).toBeVisible();
  await expect(
    rows
      .first()
      .getByRole('gridcell')
      .filter({ hasText: /^\d\d:\d\d:\d\d/ }),
  ).toHaveCount(1);
  write('event: price\ndata: {"symbol":"EMCA","price":102}\n\ndata: not who');
  await expect(rows).toHaveCount(3);
  await page.getByTestId('message-kind').selectOption('price');
  await expect(page.getByTestId('message-count')).toHaveText('2 of 3');
  await rows.nth(1).click();
  const message = page.getByTestId('message');
  await expect(message.getByRole('treeitem').nth(1)).toContainText('"symbol": "EMCA"');
  await isAccessible(page);
  end();
  await ended;
  await page.getByTestId('message-kind').selectOption('');
  await expect(rows).toHaveCount(4);
  await expect(rows.nth(3)).toContainText('cut off: not who');
});

test('frames of a camera are images, and documents have the kinds that they name', async ({ dashcam, open }) => {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGM4YSMiYnMCAAevAjEuuUBjAAAAAElFTkSuQmCC',
    'base64',
  );
  const frame = Buffer.concat([Buffer.from('--f\r\nContent-Type: image/png\r\n\r\n'), png, Buffer.from('\r\n')]);
  const camera = Buffer.concat([frame, frame, Buffer.from('--f--\r\n')]);
  answers(dashcam, '/camera', 'multipart/x-mixed-replace; boundary=f', camera);
  const watch = '{"type":"ADDED","object":{"name":"a"}}\n{"type":"DELETED","object":{"name":"a"}}\n';
  answers(dashcam, '/watch', 'application/x-ndjson', watch);
  await dashcam.send({ path: '/camera' });
  await dashcam.send({ path: '/watch' });
  const page = await open('/?filter=path:/camera');
  await page.locator('[data-testid="row"]').first().click();
  const rows = page.getByTestId('message-row');
  await expect(rows).toHaveCount(2);
  await rows.nth(1).click();
  await expect(page.getByTestId('image-measures')).toHaveText('2 × 1');
  await page.goto(new URL('/?filter=path:/watch', dashcam.page).href);
  await page.locator('[data-testid="row"]').first().click();
  await expect(rows).toHaveText([/ADDED.*"name":"a"/, /DELETED/]);
});

test('the pieces of a language model’s answer lead to the whole of it', async ({ dashcam, open }) => {
  const piece = (text: string) => `data: {"choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`;
  const stream = `${piece('Out of ')}${piece('stock.')}data: [DONE]\n\n`;
  answers(dashcam, '/v1/chat/completions', 'text/event-stream', stream);
  await dashcam.send({ path: '/v1/chat/completions', method: 'POST', body: '{"messages":[]}' });
  const page = await open();
  await page.locator('[data-testid="row"]').first().click();
  await expect(page.getByTestId('message-row')).toHaveCount(3);
  await page.getByTestId('show-joined').click();
  await expect(page.getByTestId('conversation')).toContainText('Out of stock.');
});

/** A descriptor set of `shop.Order`, with the field `sku`, and of the service `shop.Orders`. */
const DESCRIPTORS = Buffer.from(
  '\n\x51\n\x07a.proto\x12\x04shop' +
    '\x22\x14\n\x05Order\x12\x0b\n\x03sku\x18\x01\x20\x01\x28\x09' +
    '\x32\x2a\n\x06Orders\x12\x20\n\x04Find\x12\x0b.shop.Order\x1a\x0b.shop.Order',
);

test('fields of Protocol Buffers have names once there are descriptors', async ({ dashcam, open }) => {
  answers(dashcam, '/shop.Orders/Find', 'application/x-protobuf', Buffer.from('\n\x05A-100'));
  answers(dashcam, '/elsewhere', 'application/x-protobuf', Buffer.from('\n\x05B-200'));
  await dashcam.send({ path: '/elsewhere' });
  await dashcam.send({ path: '/shop.Orders/Find' });
  const page = await open('/?filter=path:/shop.Orders');
  await page.locator('[data-testid="row"]').first().click();
  const [tree, bar] = [page.getByTestId('tree-view'), page.getByTestId('types-bar')];
  await expect(tree).toContainText('A-100');
  await expect(tree).not.toContainText('sku');
  await bar.getByTestId('descriptors-file').setInputFiles({
    name: 'shop.binpb',
    mimeType: 'application/octet-stream',
    buffer: DESCRIPTORS,
  });
  await expect(tree).toContainText('sku');
  await expect(page.getByTestId('view-note')).toHaveText('Read as shop.Order.');
  await isAccessible(page);
  await page.goto(new URL('/?filter=path:/elsewhere', dashcam.page).href);
  await page.locator('[data-testid="row"]').first().click();
  await expect(tree).toContainText('B-200');
  await expect(tree).not.toContainText('sku');
  await bar.getByTestId('message-type').selectOption('shop.Order');
  await expect(tree).toContainText('sku');
  await bar.getByRole('button', { name: 'Remove' }).click();
  await expect(tree).not.toContainText('sku');
});

test('hex goes to any byte, and fetches what is in sight', async ({ dashcam, open }) => {
  const bytes = new Uint8Array(9_000_000);
  bytes.set(Buffer.from('far away'), 8_388_608);
  answers(dashcam, '/firmware', 'application/octet-stream', bytes);
  await dashcam.send({ path: '/firmware' });
  const page = await open();
  const asked: string[] = [];
  page.on('request', (request) => {
    if (/\/response\/(body|view)\?/.test(request.url())) asked.push(new URL(request.url()).search);
  });
  await page.locator('[data-testid="row"]').first().click();
  const hex = page.getByTestId('body-hex');
  await expect(hex).toContainText('00000000');
  await page.getByTestId('hex-offset').fill('0x800000');
  await page.keyboard.press('Enter');
  await expect(hex.locator('.found')).toContainText('far away');
  await page.getByTestId('hex-offset').fill('9000000');
  await expect(page.getByText('There are 9,000,000 bytes.')).toBeVisible();
  // The whole is asked for once, for its first bytes, which tell what it is.
  expect(asked.filter((search) => search.includes('decoded')).length).toBe(1);
  expect(asked.some((search) => search.includes(`offset=${8_388_608}`))).toBe(true);
});

test('hex of a coded body is of its decoded bytes, or of those that came', async ({ dashcam, open }) => {
  const bytes = Buffer.from(Uint8Array.from({ length: 600_000 }, (_, at) => at % 256));
  bytes.set(Buffer.from('far away'), 0x80000);
  const coded = gzipSync(bytes);
  answers(dashcam, '/firmware', 'application/octet-stream', coded, { 'content-encoding': 'gzip' });
  await dashcam.send({ path: '/firmware' });
  const page = await open();
  const asked: string[] = [];
  page.on('request', (request) => {
    if (/\/response\/body\?/.test(request.url())) asked.push(request.url());
  });
  await page.locator('[data-testid="row"]').first().click();
  const hex = page.getByTestId('body-hex');
  await expect(hex).toContainText('00000000  00 01 02');
  await page.getByTestId('hex-offset').fill('0x80000');
  await page.keyboard.press('Enter');
  await expect(hex.locator('.found')).toContainText('far away');
  await page.getByTestId('hex-offset').fill('600000');
  await expect(page.getByText('There are 600,000 bytes.')).toBeVisible();

  const received = page.getByTestId('as-received');
  await received.press('Enter');
  await expect(received).toHaveAttribute('aria-pressed', 'true');
  await expect(hex).toContainText('00000000  1f 8b 08');
  await page.getByTestId('hex-offset').fill(String(coded.length));
  await expect(page.getByText(`There are ${coded.length.toLocaleString('en')} bytes.`)).toBeVisible();
  await expect(page.getByTestId('find-body')).toHaveCount(0);
  await isAccessible(page);
  await received.click();
  await expect(hex).toContainText('00000000  00 01 02');
  // The whole is asked for once, for its first bytes, which tell what it is.
  expect(asked.length).toBe(1);
  // Nor later, once other bytes have come.
  await received.click();
  await expect(hex).toContainText('00000000  1f 8b 08');
  expect(asked.length).toBe(1);
});

/** A tenth of a second of silence. */
function wav(): Uint8Array {
  const [rate, length] = [8000, 800];
  const file = Buffer.alloc(44 + length, 128);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + length, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate, 28);
  file.writeUInt16LE(1, 32);
  file.writeUInt16LE(8, 34);
  file.write('data', 36);
  file.writeUInt32LE(length, 40);
  return file;
}

test('sound and moving pictures are loaded', async ({ dashcam, open, page: maker }) => {
  // A browser makes the film.
  await maker.goto('about:blank');
  const film = await maker.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [32, 16];
    const context = canvas.getContext('2d');
    const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: 'video/webm;codecs=vp8' });
    const pieces: Blob[] = [];
    const made = new Promise<void>((resolve) => {
      recorder.ondataavailable = ({ data }) => {
        pieces.push(data);
        if (data.size > 0 && recorder.state === 'recording') recorder.stop();
      };
      recorder.onstop = () => resolve();
    });
    recorder.start(50);
    let shade = 0;
    const draw = setInterval(() => {
      if (context === null) return;
      context.fillStyle = `rgb(${(shade += 9) % 256} 0 0)`;
      context.fillRect(0, 0, 32, 16);
    }, 10);
    await made;
    clearInterval(draw);
    return [...new Uint8Array(await new Blob(pieces).arrayBuffer())];
  });
  answers(dashcam, '/film', 'video/webm', Uint8Array.from(film));
  answers(dashcam, '/sound', 'audio/wav', wav());
  await dashcam.send({ path: '/film' });
  await dashcam.send({ path: '/sound' });
  const page = await open('/?filter=path:/film');
  await page.locator('[data-testid="row"]').first().click();
  const video = page.getByTestId('body-video');
  await expect.poll(() => video.evaluate((element) => (element as HTMLVideoElement).videoWidth)).toBe(32);
  await page.goto(new URL('/?filter=path:/sound', dashcam.page).href);
  await page.locator('[data-testid="row"]').first().click();
  const audio = page.getByTestId('body-audio');
  await expect.poll(() => audio.evaluate((element) => (element as HTMLAudioElement).duration)).toBeCloseTo(0.1, 2);
});

/** A PDF of one empty page. */
const PDF = [
  '%PDF-1.4',
  '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
  '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj',
  '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj',
  'trailer<</Root 1 0 R>>',
  '%%EOF',
].join('\n');

test('a page and a PDF are drawn in a frame that reaches nothing', async ({ dashcam, open }) => {
  const html = '<h1>Out of stock</h1><script>document.title = top.location.href; document.body.remove()</script>';
  answers(dashcam, '/page', 'text/html', html);
  answers(dashcam, '/paper', 'application/pdf', PDF);
  await dashcam.send({ path: '/page' });
  await dashcam.send({ path: '/paper' });
  const page = await open('/?filter=path:/page');
  await page.locator('[data-testid="row"]').first().click();
  await page.getByTestId('view-preview').click();
  const frame = page.frameLocator('[data-testid="body-preview"]');
  await expect(frame.getByRole('heading')).toHaveText('Out of stock');
  await page.goto(new URL('/?filter=path:/paper', dashcam.page).href);
  const answered = page.waitForResponse(/\/preview$/);
  await page.locator('[data-testid="row"]').first().click();
  const headers = (await answered).headers();
  expect(headers['content-type']).toBe('application/pdf');
  // The browser's own viewer draws it, where it has one: a headless shell does not.
  if (!(await page.evaluate(() => navigator.pdfViewerEnabled))) return;
  await expect.poll(() => page.frames().some((one) => one.url().startsWith('chrome-extension:'))).toBe(true);
});
