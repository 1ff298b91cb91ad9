import { expect, test } from 'vitest';
import type { Rule, Settings } from '../../api/types';
import { describe } from './describe';

const rule = (name: string, more: Partial<Rule> = {}): Rule => ({
  name,
  match: 'status:5xx',
  level: 'full',
  sample: null,
  body_limit: null,
  guarantee: 'best_effort',
  keep_for: null,
  follow: null,
  redaction: null,
  ...more,
});
const settings = (level: Settings['level'], body_limit: number, ...rules: Rule[]): Settings => ({
  level,
  body_limit,
  rules,
  redaction: [],
});

const a = rule('a');
const b = rule('b', { match: '', level: 'off' });

test.each([
  ['the first ever', null, settings('full', 1024), ['level full', 'bodies ≤ 1.0 KiB']],
  ['nothing', settings('full', 1), settings('full', 1), []],
  [
    'level and limit',
    settings('full', 1024),
    settings('off', 2048),
    ['level full → off', 'bodies ≤ 1.0 KiB → 2.0 KiB'],
  ],
  ['a new rule', settings('full', 1), settings('full', 1, b), ['rule b (everything: off) added']],
  ['one less', settings('full', 1, a), settings('full', 1), ['rule a (status:5xx: full) deleted']],
  [
    'another sample',
    settings('full', 1, a),
    settings('full', 1, rule('a', { sample: '1%', keep_for: '7d' })),
    ['rule a (status:5xx: full) → a (status:5xx: full, 1%, kept 7d)'],
  ],
  ['another order', settings('full', 1, a, b), settings('full', 1, b, a), ['order of rules: b, a']],
  [
    'one added before the others',
    settings('full', 1, a),
    settings('full', 1, b, a),
    ['rule b (everything: off) added'],
  ],
  [
    'a value that is redacted from now on',
    settings('full', 1),
    { ...settings('full', 1), redaction: [{ json: '$..iban', host: '*.pay.example' }] },
    ['redaction of JSON value $..iban, for *.pay.example added'],
  ],
])('%s', (_, from, to, expected) => expect(describe({ from, to })).toEqual(expected));
