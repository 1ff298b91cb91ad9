import { expect, test } from 'vitest';
import { FACETS } from './facets';

test.each([
  ['host', 'api.example.com', 'host:=api.example.com'],
  ['status', '503', 'status:503'],
  ['path', '/v1/orders/{id}', 'path:/v1/orders/*'],
  ['path', '/a (b)/{id}', 'path:/a\\ \\(b\\)/*'],
  ['path', '/health', 'path:=/health'],
  ['type', 'application/json', 'type:application/json'],
  ['failure', 'upstream/connect', 'fail:upstream/connect'],
  ['client', '10.0.0.7', 'client:10.0.0.7'],
  ['client', '2001:db8::1', 'client:2001:db8::1'],
  ['program', 'curl', 'program:=curl'],
  ['program', 'Web Content', 'program:="Web Content"'],
  ['rule', 'my rule', 'rule:="my rule"'],
])('%s %s is %s', (by, value, term) => {
  expect(FACETS.find((facet) => facet.by === by)?.term(value)).toBe(term);
});
