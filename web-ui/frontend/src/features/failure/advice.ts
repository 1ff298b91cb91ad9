// What to do about a failure.
import type { Failure } from '../../api/types';
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
    return { text: 'dashcam refused this itself: the message says what was asked and why it is not possible.' };
  }
  return upstream(failure.stage, host);
}

function client(failure: Failure, host: string): Advice {
  if (failure.stage !== 'tls_handshake') {
    return {
      text: 'The client went away or sent what is no valid HTTP. Look at the client; the upstream was not at fault.',
    };
  }
  const escaped = host.replaceAll('.', '\\.');
  return {
    text: distrusts(failure)
      ? 'A client that pins its certificates can’t be told. dashcam tunnels it unread after some refusals; for good it does with:'
      : 'The message says what the client did not accept. Where it can’t be mended, dashcam can tunnel the host unread:',
    command: `dashcam serve --ignore-hosts '${escaped}'`,
  };
}

function upstream(stage: Failure['stage'], host: string): Advice {
  switch (stage) {
    case 'dns':
      return {
        text: 'The name could not be resolved on the machine where dashcam runs. Try it there:',
        command: `getent hosts ${host}`,
      };
    case 'connect':
      return {
        text: `No connection to ${host} came about: is it up, and may the machine where dashcam runs reach it?`,
      };
    case 'tls_handshake':
      return {
        text: 'The upstream’s certificate or TLS version was not accepted. For a private authority give its root to dashcam; only to try something out, switch the check off:',
        command: 'dashcam serve --ssl-insecure',
      };
    default:
      return { text: 'The upstream broke off, or sent what is no valid HTTP. Its own logs should know more.' };
  }
}

function hostOf(destination: string | null | undefined): string {
  return (destination ?? 'HOST').replace(/:\d+$/, '');
}
