// What to do about a failure.
import type { Failure } from '../../api/types';
import * as texts from '../../texts/failure';
import { distrusts } from '../trust';

/** An explanation and, where there is one, a line to type. */
export interface Advice {
  text: string;
  command?: string;
}

/** What to do about `failure` of a connection or exchange with `destination` (HOST:PORT). */
export function advice(failure: Failure, destination: string | null | undefined): Advice {
  const host = hostOf(destination);
  if (failure.side === 'client') return client(failure, host);
  if (failure.side === 'proxy') {
    return { text: texts.byDashcam };
  }
  return upstream(failure.stage, host);
}

function client(failure: Failure, host: string): Advice {
  if (failure.stage !== 'tls_handshake') {
    return {
      text: texts.byClient,
    };
  }
  const escaped = host.replaceAll('.', '\\.');
  return {
    text: distrusts(failure) ? texts.clientPins : texts.clientRejects,
    command: `dashcam serve --ignore-hosts '${escaped}'`,
  };
}

function upstream(stage: Failure['stage'], host: string): Advice {
  switch (stage) {
    case 'dns':
      return {
        text: texts.nameUnresolved,
        command: `getent hosts ${host}`,
      };
    case 'connect':
      return {
        text: texts.notConnected(host),
      };
    case 'tls_handshake':
      return {
        text: texts.upstreamTls,
        command: 'dashcam serve --ssl-insecure',
      };
    default:
      return { text: texts.byUpstream };
  }
}

function hostOf(destination: string | null | undefined): string {
  return (destination ?? 'HOST').replace(/:\d+$/, '');
}
