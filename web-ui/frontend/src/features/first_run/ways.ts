// The ways in which a client is connected, each with its steps.
import { quoted } from '../../format/shell';
import type { Step } from '../trust';
import type { SendingAdvice } from './listeners';

export type WayId = 'run' | 'shell' | 'curl' | 'python' | 'node' | 'java' | 'docker' | 'browser' | 'phone' | 'server';

export interface Way {
  id: WayId;
  label: string;
  steps: Step[];
}

export interface Facts {
  advice: SendingAdvice;
  /** dashcam's home. */
  home: string;
}

/** `dashcam SUBCOMMAND` for the dashcam with this home. */
function dashcam(home: string, subcommand: string): string {
  return home.endsWith('/.dashcam') ? `dashcam ${subcommand}` : `dashcam --home ${quoted(home)} ${subcommand}`;
}

/** The ways to a dashcam about which these facts are known, the easiest first. */
export function waysOf({ advice, home }: Facts): Way[] {
  const [forward] = advice.forward;
  const [socks5] = advice.socks5;
  const root = quoted(`${home}/ca.pem`);
  const ways: Way[] = [];
  if (forward !== undefined) ways.push(...forwardWays(forward, root, home));
  else if (socks5 !== undefined) ways.push(...socksWays(socks5, root));
  const servers = serverSteps(advice);
  if (servers.length > 0) ways.push({ id: 'server', label: 'A server', steps: servers });
  return ways;
}

function forwardWays(address: string, root: string, home: string): Way[] {
  const proxy = `http://${address}`;
  const variables = `HTTP_PROXY=${proxy} HTTPS_PROXY=${proxy}`;
  const run = (command: string): Step => ({
    text: 'Libraries that look at no variable need dashcam run, which brings most of them:',
    command: dashcam(home, `run -- ${command}`),
  });
  return [
    {
      id: 'run',
      label: 'One program',
      steps: [
        {
          text: 'dashcam run sets the proxy and the certificate for one program and those that it starts:',
          command: dashcam(home, 'run -- COMMAND'),
        },
        {
          text: 'On Linux, --deep captures every connection, also of programs that know no proxy:',
          command: dashcam(home, 'run --deep -- COMMAND'),
        },
      ],
    },
    {
      id: 'shell',
      label: 'This shell',
      steps: [
        {
          text: 'Everything that you start in this shell goes through dashcam then. curl looks at http_proxy in lower case only:',
          command: `export http_proxy=${proxy} https_proxy=${proxy} ${variables}`,
        },
        {
          text: 'Most programs find the certificate by one of these. The first three replace the usual roots:',
          command: `export SSL_CERT_FILE=${root} CURL_CA_BUNDLE=${root} REQUESTS_CA_BUNDLE=${root} NODE_EXTRA_CA_CERTS=${root} NODE_USE_ENV_PROXY=1`,
        },
      ],
    },
    {
      id: 'curl',
      label: 'curl',
      steps: [{ text: 'One request:', command: `curl --proxy ${proxy} --cacert ${root} https://example.com/` }],
    },
    {
      id: 'python',
      label: 'Python',
      steps: [
        {
          text: 'urllib, requests and httpx look at these. aiohttp does with trust_env=True:',
          command: `${variables} SSL_CERT_FILE=${root} REQUESTS_CA_BUNDLE=${root} python3 app.py`,
        },
        run('python3 app.py'),
      ],
    },
    {
      id: 'node',
      label: 'Node.js',
      steps: [
        {
          text: 'From Node.js 24 on, fetch and http look at these:',
          command: `NODE_USE_ENV_PROXY=1 ${variables} NODE_EXTRA_CA_CERTS=${root} node app.js`,
        },
        run('node app.js'),
      ],
    },
    { id: 'java', label: 'Java', steps: javaSteps(address, root, home) },
    { id: 'docker', label: 'Docker', steps: dockerSteps(address, root) },
    {
      id: 'browser',
      label: 'Browser',
      steps: [
        {
          text: 'dashcam browser opens Chromium or Firefox with a profile of its own, which trusts dashcam. Your usual profile stays as it is:',
          command: dashcam(home, 'browser https://example.com/'),
        },
      ],
    },
    { id: 'phone', label: 'Phone', steps: [] },
  ];
}

function javaSteps(address: string, root: string, home: string): Step[] {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? [];
  const bare = host.replace(/^\[|\]$/g, '');
  const options = ['http', 'https'].map((name) => `-D${name}.proxyHost=${bare} -D${name}.proxyPort=${port}`).join(' ');
  return [
    {
      text: 'dashcam run gives it the proxy and a trust store with the certificate, by JAVA_TOOL_OPTIONS:',
      command: dashcam(home, 'run -- java -jar app.jar'),
    },
    {
      text: 'Or by hand: add the certificate to Java’s trust store, once,',
      command: `keytool -importcert -noprompt -cacerts -storepass changeit -alias dashcam -file ${root}`,
    },
    { text: 'and name the proxy:', command: `java ${options} -jar app.jar` },
  ];
}

function dockerSteps(address: string, root: string): Step[] {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? [];
  const here = isLoopback(host);
  const proxy = here ? `http://${address}` : `http://host.docker.internal:${port}`;
  const roots = ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'];
  const command = [
    `docker run ${here ? '--network host' : '--add-host host.docker.internal:host-gateway'}`,
    `-e http_proxy=${proxy} -e https_proxy=${proxy}`,
    `-e HTTP_PROXY=${proxy} -e HTTPS_PROXY=${proxy}`,
    ...[roots.slice(0, 2), roots.slice(2)].map((names) => names.map((name) => `-e ${name}=/dashcam-ca.pem`).join(' ')),
    `-e NODE_USE_ENV_PROXY=1 -v ${root}:/dashcam-ca.pem:ro IMAGE`,
  ].join(' \\\n  ');
  return [
    {
      text: here
        ? 'dashcam listens on this machine only, so the container has to share its network (Linux):'
        : 'The container reaches dashcam by the name of its host:',
      command,
    },
  ];
}

function socksWays(address: string, root: string): Way[] {
  const proxy = `socks5h://${address}`;
  return [
    {
      id: 'shell',
      label: 'This shell',
      steps: [
        {
          text: 'Programs that know SOCKS5 go through dashcam then:',
          command: `export ALL_PROXY=${proxy} all_proxy=${proxy}`,
        },
        {
          text: 'Most programs find the certificate by one of these. The first three replace the usual roots:',
          command: `export SSL_CERT_FILE=${root} CURL_CA_BUNDLE=${root} REQUESTS_CA_BUNDLE=${root} NODE_EXTRA_CA_CERTS=${root}`,
        },
      ],
    },
    {
      id: 'curl',
      label: 'curl',
      steps: [{ text: 'One request:', command: `curl --proxy ${proxy} --cacert ${root} https://example.com/` }],
    },
  ];
}

function serverSteps({ reverse, transparent }: SendingAdvice): Step[] {
  return [
    ...reverse.map(({ address, to }) => ({
      text: `Send requests for ${to} to this address in its place:`,
      command: `http://${address}/`,
    })),
    ...transparent.map((address) => ({
      text: `Let the firewall redirect connections to ${address}. docs/PRODUCTION.md has the rules.`,
    })),
  ];
}

/** Returns whether `host` can be reached from its own machine only. */
export function isLoopback(host: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|\[?::1\]?|localhost)$/.test(host);
}
