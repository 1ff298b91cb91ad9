// Rows for connections that no exchange stands for: those that failed, and those that were tunnelled.
import { isAccessible } from './accessible';
import { expect, test } from './dashcam';

test('a tunnel and a rejected certificate are rows between the exchanges', async ({ dashcam, open }) => {
  await dashcam.send({ path: '/first' });
  await dashcam.speakOther();
  await dashcam.send({ path: '/second' });
  await dashcam.rejectCertificate();
  const page = await open();
  await expect(page.getByTestId('row')).toHaveCount(2);
  await expect(page.getByTestId('unread-row')).toHaveCount(0);

  await page.getByTestId('columns').click();
  await page.getByRole('checkbox', { name: /tunnelled connections/ }).check();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/connections=shown/);
  const rows = page.getByRole('grid').locator('[data-key]');
  await expect(page.getByTestId('unread-row')).toHaveCount(2);
  const texts = async () =>
    (
      await rows.evaluateAll((all) =>
        all.sort((a, b) => Number(a.ariaRowIndex) - Number(b.ariaRowIndex)).map((row) => row.textContent),
      )
    ).map((text) => /first|second|tunnelled|client TLS handshake/.exec(text ?? '')?.[0]);
  await expect.poll(texts).toEqual(['client TLS handshake', 'second', 'tunnelled', 'first']);

  // It is live: one more comes to the top, and stays when the page is loaded again, as it is remembered.
  await dashcam.speakOther('cdn.shop.test');
  await expect.poll(texts).toEqual(['tunnelled', 'client TLS handshake', 'second', 'tunnelled', 'first']);
  await page.goto(new URL('/', page.url()).href);
  await expect.poll(texts).toEqual(['tunnelled', 'client TLS handshake', 'second', 'tunnelled', 'first']);

  // Arrow keys go through all rows; one is in the address, and is opened beside the list.
  await rows.filter({ hasText: 'second' }).click();
  await page.keyboard.press('ArrowDown');
  const pane = page.getByTestId('connection-pane');
  await expect(pane).toContainText('passed on without being read');
  await expect(page).toHaveURL(/connection=\d+/);
  await page.reload();
  await expect(pane).toContainText('not HTTP');
  await isAccessible(page);
  await page.keyboard.press('Escape');
  await expect(pane).toHaveCount(0);
  await expect(page).not.toHaveURL(/connection=/);

  // The filter is about them too.
  await page.getByTestId('filter').fill('fail:client/tls_handshake');
  await expect.poll(texts).toEqual(['client TLS handshake']);
  await rows.first().click();
  await expect(pane).toContainText('rejected');
  await page.getByTestId('filter').fill('');
});

test('in a sorted list, connections stand where their values say', async ({ dashcam, open }) => {
  await dashcam.send({ path: '/first' });
  await dashcam.send({ path: '/second', host: 'www.shop.test' });
  await dashcam.speakOther('cdn.shop.test');
  const page = await open('/?sort=host&order=asc&connections=shown');
  const hosts = () =>
    page
      .getByRole('grid')
      .locator('[data-key]')
      .evaluateAll((rows) =>
        rows
          .sort((one, other) => Number(one.ariaRowIndex) - Number(other.ariaRowIndex))
          .map((row) => /api|cdn|www/.exec(row.querySelector('[data-column="host"]')?.textContent ?? '')?.[0]),
      );
  await expect.poll(hosts).toEqual(['api', 'cdn', 'www']);
  const head = page.getByRole('columnheader', { name: 'Host' });
  await expect(head).toHaveAttribute('aria-sort', 'ascending');
  await head.press('Enter');
  await head.press('Enter');
  await expect(head).toHaveAttribute('aria-sort', 'descending');
  await expect.poll(hosts).toEqual(['www', 'cdn', 'api']);
  // Without a status they come last, the newest first; one more comes to its place by itself.
  await page.getByRole('columnheader', { name: 'Status' }).click();
  await expect.poll(hosts).toEqual(['www', 'api', 'cdn']);
  await dashcam.speakOther('api.shop.test');
  await expect.poll(hosts).toEqual(['www', 'api', 'api', 'cdn']);
});
