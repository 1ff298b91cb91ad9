// Calls whose URL and status do not say what was asked for and how it went.
import type { Summary } from '../../api/types';

/** Tells if an exchange is a GraphQL call, by what its row says. */
export const looksLikeGraphql = ({ target, content_type }: Summary) =>
  /graphql|[?&]operationName=/i.test(target) || /^application\/graphql/i.test(content_type ?? '');

/** Service and method of a gRPC call, without the package. */
export function grpcCall({ target, content_type }: Summary): string | null {
  if (!/^application\/grpc/i.test(content_type ?? '')) return null;
  const [, service, method] = /([^/.]+)\/([^/]+)$/.exec(target) ?? [];
  return service === undefined ? null : `${service}/${method}`;
}
