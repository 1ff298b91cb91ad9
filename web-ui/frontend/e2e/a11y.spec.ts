// Every look of the page for everyone: axe finds nothing wrong with it in either theme, and its outline is the one that is kept.
import { isAccessible } from './accessible';
import { EXCHANGES } from './looks/exchanges';
import { LISTS } from './looks/lists';
import { SETTINGS } from './looks/settings';
import { hasOutline } from './outline';
import { test } from './page';

for (const [name, address, arrive, part] of [...LISTS, ...EXCHANGES, ...SETTINGS]) {
  test(`axe finds nothing wrong with ${name}${part === undefined ? '' : ', and its outline is as it was'}`, async ({
    open,
  }) => {
    const page = await open(address);
    await arrive(page);
    if (part !== undefined) await hasOutline(page.locator(part), name);
    await isAccessible(page);
  });
}

test('axe finds nothing wrong where dashcam is locked', async ({ open, mock }) => {
  const page = await open();
  mock.api.locked = true;
  await page.getByTestId('locked').waitFor();
  await isAccessible(page);
});
