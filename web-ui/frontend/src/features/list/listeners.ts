// Where to send traffic.

interface Listener {
  mode: string;
  address: string;
}

/** The addresses of forward (with or without a parent proxy) and SOCKS5 listeners, and of reverse ones with where they lead. */
export interface SendingAdvice {
  forward: string[];
  socks5: string[];
  reverse: { address: string; to: string }[];
}

/** How to reach `listeners` from where the page is read, at `hostname`: it stands in for "all addresses". */
export function sendingAdvice(listeners: readonly Listener[], hostname: string): SendingAdvice {
  const advice: SendingAdvice = { forward: [], socks5: [], reverse: [] };
  for (const { mode, address } of listeners) {
    const reachable = address.replace(/^(0\.0\.0\.0|\[::\]):/, `${hostname}:`);
    const to = /^reverse:([^@]+)/.exec(mode)?.[1];
    if (to !== undefined) advice.reverse.push({ address: reachable, to });
    else if (/^(forward|upstream)\b/.test(mode)) advice.forward.push(reachable);
    else if (mode.startsWith('socks5')) advice.socks5.push(reachable);
  }
  return advice;
}
