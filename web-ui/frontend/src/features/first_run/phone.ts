// The things that a phone needs to reach dashcam.
import { isLoopback } from './ways';

export interface Phone {
  /** The listener that it can use; null if this machine alone can reach one. */
  listener: { host: string | null; port: string } | null;
  /** The addresses on which dashcam listens for this machine alone. */
  local: string[];
}

interface Listener {
  mode: string;
  address: string;
  proxy_protocol: boolean;
}

/**
 * The way of a phone to `listeners`, as far as it is known where the page is read at `hostname`: where dashcam listens on all
 * addresses and that is of this machine alone, its address in the network is not known (`host` is null).
 */
export function phoneOf(listeners: readonly Listener[], hostname: string): Phone {
  const forward = listeners.filter(({ mode, proxy_protocol }) => /^(forward|upstream)\b/.test(mode) && !proxy_protocol);
  const parts = forward.map(({ address }) => {
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? [];
    return { address, host, port };
  });
  const open = parts.find(({ host }) => !isLoopback(host));
  const local = parts.filter(({ host }) => isLoopback(host)).map(({ address }) => address);
  if (open === undefined) return { listener: null, local };
  const isAll = open.host === '0.0.0.0' || open.host === '[::]';
  const host = !isAll ? open.host : isLoopback(hostname) ? null : hostname;
  return { listener: { host, port: open.port }, local };
}
