import { expect, test } from 'vitest';
import { row } from '../../stores/sample';
import { grpcCall, looksLikeGraphql } from './operations';

test('GraphQL calls are known by their path, their query or their type', () => {
  const looks = (target: string, type: string | null = 'application/json') =>
    looksLikeGraphql(row(1, { target, content_type: type }));
  expect(['/graphql', '/api/GraphQL?x', '/q?operationName=Me', '/q'].map((target) => looks(target))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(looks('/q', 'application/graphql-response+json')).toBe(true);
});

test('gRPC calls have a service and a method', () => {
  const call = (target: string, type: string) => grpcCall(row(1, { target, content_type: type }));
  expect(call('/shop.v1.Orders/Get', 'application/grpc+proto')).toBe('Orders/Get');
  expect(call('/shop.v1.Orders/Get', 'application/json')).toBeNull();
  expect(call('/', 'application/grpc')).toBeNull();
});
