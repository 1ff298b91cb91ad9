// How an exchange went: labels of its status, and what they mean.

export const tunnelled = 'tunnelled';
/** By the names of the API. */
export const states = {
  aborted: 'aborted by the client',
  interrupted: 'dashcam ended before the exchange did, or had no room for the rest',
};
export const graphqlErrors = (errors: string) => `The GraphQL answer has ${errors}`;

/** The statuses of gRPC, from 0. */
export const grpcNames = [
  'ok',
  'cancelled',
  'unknown',
  'invalid argument',
  'deadline exceeded',
  'not found',
  'already exists',
  'permission denied',
  'resource exhausted',
  'failed precondition',
  'aborted',
  'out of range',
  'unimplemented',
  'internal',
  'unavailable',
  'data loss',
  'unauthenticated',
];
export const refusedIt = 'dashcam refused it';
export const refused = '⊘ refused';
export const passedOn = 'passed on without being read';
export const waiting = 'waiting for the response';
export const noResponse = 'ended without a response';
export const grpcStatus = (status: number, name: string) => `gRPC status ${status}: ${name}`;
export const coming = 'the response is still coming';
export const grpc = (status: number) => `gRPC ${status}`;
export const refusedItFor = (reason: string) => `dashcam refused it: ${reason}`;
