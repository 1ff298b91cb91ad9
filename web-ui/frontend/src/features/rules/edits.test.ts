import { expect, test } from 'vitest';
import type { Rule } from '../../api/types';
import { moving, putting, removing } from './edits';

const rules = ['a', 'b', 'c'].map((name) => ({ name, level: 'full' }) as Rule);
const names = (list: readonly Rule[]) => list.map(({ name }) => name).join('');
const x = { name: 'x' } as Rule;

test.each([
  ['a new one comes last', putting(x, null), 'abcx'],
  ['a changed one stays where it was', putting(x, 'b'), 'axc'],
  ['one that is gone meanwhile comes last', putting(x, 'y'), 'abcx'],
  ['one is deleted', removing('b'), 'ac'],
  ['one that is gone is not deleted again', removing('y'), 'abc'],
  ['one is moved', moving(2, 0), 'cab'],
])('%s', (_, edit, expected) => expect(names(edit(rules))).toBe(expected));
