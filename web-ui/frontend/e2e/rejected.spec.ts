import { expect, test } from './page';

test('what is tunnelled for refusals is listed, and one click has it decrypted again', async ({ open, mock }) => {
  const page = await open('/?view=connections');
  const rows = page.getByTestId('rejected-row');
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText('updates.example.com:443');
  await expect(rows.first()).toContainText('node at 10.1.2.9 refuses it');
  await expect(rows.first()).toContainText('41 connections since');
  await expect(rows.last()).toContainText('the upstream refuses dashcam’s TLS');
  await rows.first().getByRole('button', { name: 'Decrypt again' }).click();
  await expect(rows).toHaveCount(1);
  expect(mock.api.rejected.map(({ id }) => id)).toEqual([1]);
});

test('a recording that is only read has no such button', async ({ mock, open }) => {
  mock.api.readOnly = true;
  const page = await open('/?view=connections');
  await expect(page.getByTestId('rejected-row')).toHaveCount(2);
  await expect(page.getByRole('button', { name: 'Decrypt again' })).toHaveCount(0);
});
