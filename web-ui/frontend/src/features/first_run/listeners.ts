// Where to send traffic.

interface Listener {
  mode: string;
  address: string;
  proxy_protocol: boolean;
}

/** The addresses of forward (with or without a parent proxy), SOCKS5 and transparent listeners, and of reverse ones with where they lead. */
export interface SendingAdvice {
  forward: string[];
  socks5: string[];
  transparent: string[];
  reverse: { address: string; to: string }[];
}

/** How to reach `listeners` from where the page is read, at `hostname`: it stands in for "all addresses". */
export function sendingAdvice(listeners: readonly Listener[], hostname: string): SendingAdvice {
  const advice: SendingAdvice = { forward: [], socks5: [], transparent: [], reverse: [] };
  for (const { mode, address, proxy_protocol } of listeners) {
    // Only a load balancer can use it.
    if (proxy_protocol) continue;
    const reachable = address.replace(/^(0\.0\.0\.0|\[::\]):/, `${hostname}:`);
    const to = /^reverse:([^@]+)/.exec(mode)?.[1];
    if (to !== undefined) advice.reverse.push({ address: reachable, to });
    else if (/^(forward|upstream)\b/.test(mode)) advice.forward.push(reachable);
    else if (mode.startsWith('socks5')) advice.socks5.push(reachable);
    else if (mode.startsWith('transparent')) advice.transparent.push(address);
  }
  return advice;
}
