// How an exchange went, in a word and a colour.
import type { Connection, Failure, Summary } from '../api/types';
import * as counts from '../texts/counts';
import * as texts from '../texts/outcome';

/** The colour of an outcome: a status class, or what else came of it. */
export type Tone = 'pending' | 'info' | 'ok' | 'redirect' | 'client' | 'server' | 'failed' | 'refused';

export interface Outcome {
  label: string;
  /** The label's parts if it is a failure's: the status that came before it, whose fault, and how far things had come. */
  status?: string;
  side?: string;
  stage?: string;
  tone: Tone;
  /** What to show when the pointer rests on it. */
  title: string;
}

/** An exchange, as far as its outcome goes: `errors` are those of a GraphQL answer; or the connection in its place. */
type Ended = Pick<Summary, 'status' | 'state' | 'failure'> & {
  grpc_status?: number | null | undefined;
  errors?: number | null | undefined;
  unread?: Connection;
};

/** What the status column says of `row`. */
export function outcome(row: Ended): Outcome {
  const { status, state, failure } = row;
  if (state === 'refused') {
    const title = failure == null ? texts.refusedIt : texts.refusedItFor(failure.message);
    return { label: texts.refused, tone: 'refused', title };
  }
  if (failure != null) {
    const came = status == null ? '' : String(status);
    return {
      label: `${came} ✕ ${where(failure)}`.trim(),
      status: came,
      side: failure.side,
      stage: stageName(failure.stage),
      tone: 'failed',
      title: `${where(failure)}: ${failure.message}`,
    };
  }
  if (row.unread !== undefined) return { label: texts.tunnelled, tone: 'info', title: texts.passedOn };
  if (state === 'aborted' || state === 'interrupted') {
    const prefix = status == null ? '' : `${status} `;
    return { label: `${prefix}${state}`, tone: 'failed', title: texts.states[state] };
  }
  if (status == null) {
    return state === 'open'
      ? { label: '···', tone: 'pending', title: texts.waiting }
      : { label: state, tone: 'failed', title: texts.noResponse };
  }
  if (row.grpc_status != null && row.grpc_status !== 0) {
    const name = grpcName(row.grpc_status);
    return { label: `${status} ✕ ${name}`, tone: 'failed', title: texts.grpcStatus(row.grpc_status, name) };
  }
  if (row.errors != null && row.errors > 0) {
    const errors = counts.errors(row.errors);
    return { label: `${status} ✕ ${errors}`, tone: 'failed', title: texts.graphqlErrors(errors) };
  }
  return { label: String(status), tone: tone(status), title: state === 'open' ? texts.coming : '' };
}

/** The name of a status of gRPC. */
export const grpcName = (status: number) => texts.grpcNames[status] ?? texts.grpc(status);

/** Where something failed: "upstream connect", "client tls handshake". */
export function where(failure: Pick<Failure, 'side' | 'stage'>): string {
  return `${failure.side} ${stageName(failure.stage)}`;
}

function stageName(stage: Failure['stage']): string {
  return stage.replaceAll('_', ' ').replace('tls', 'TLS').replace('dns', 'DNS');
}

function tone(status: number): Tone {
  if (status < 200) return 'info';
  if (status < 300) return 'ok';
  if (status < 400) return 'redirect';
  return status < 500 ? 'client' : 'server';
}
