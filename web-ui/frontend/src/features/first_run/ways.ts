// The ways in which a client is connected, each with its steps.
import { quoted } from '../../format/shell';
import * as texts from '../../texts/guide';
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
  if (servers.length > 0) ways.push({ id: 'server', label: texts.server, steps: servers });
  return ways;
}

function forwardWays(address: string, root: string, home: string): Way[] {
  const proxy = `http://${address}`;
  const variables = `HTTP_PROXY=${proxy} HTTPS_PROXY=${proxy}`;
  const run = (command: string): Step => ({
    text: texts.runForLibraries,
    command: dashcam(home, `run -- ${command}`),
  });
  return [
    {
      id: 'run',
      label: texts.oneProgram,
      steps: [
        {
          text: texts.runSetsAll,
          command: dashcam(home, 'run -- COMMAND'),
        },
        {
          text: texts.deepCapturesAll,
          command: dashcam(home, 'run --deep -- COMMAND'),
        },
      ],
    },
    {
      id: 'shell',
      label: texts.thisShell,
      steps: [
        {
          text: texts.allOfShell,
          command: `export http_proxy=${proxy} https_proxy=${proxy} ${variables}`,
        },
        {
          text: texts.certificateVariables,
          command: `export SSL_CERT_FILE=${root} CURL_CA_BUNDLE=${root} REQUESTS_CA_BUNDLE=${root} NODE_EXTRA_CA_CERTS=${root} NODE_USE_ENV_PROXY=1`,
        },
      ],
    },
    {
      id: 'curl',
      label: 'curl',
      steps: [{ text: texts.oneRequest, command: `curl --proxy ${proxy} --cacert ${root} https://example.com/` }],
    },
    {
      id: 'python',
      label: 'Python',
      steps: [
        {
          text: texts.pythonLooksAt,
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
          text: texts.nodeLooksAt,
          command: `NODE_USE_ENV_PROXY=1 ${variables} NODE_EXTRA_CA_CERTS=${root} node app.js`,
        },
        run('node app.js'),
      ],
    },
    { id: 'java', label: 'Java', steps: javaSteps(address, root, home) },
    { id: 'docker', label: 'Docker', steps: dockerSteps(address, root) },
    {
      id: 'browser',
      label: texts.browser,
      steps: [
        {
          text: texts.browserOpens,
          command: dashcam(home, 'browser https://example.com/'),
        },
      ],
    },
    { id: 'phone', label: texts.phone, steps: [] },
  ];
}

function javaSteps(address: string, root: string, home: string): Step[] {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? [];
  const bare = host.replace(/^\[|\]$/g, '');
  const options = ['http', 'https'].map((name) => `-D${name}.proxyHost=${bare} -D${name}.proxyPort=${port}`).join(' ');
  return [
    {
      text: texts.javaRun,
      command: dashcam(home, 'run -- java -jar app.jar'),
    },
    {
      text: texts.javaByHand,
      command: `keytool -importcert -noprompt -cacerts -storepass changeit -alias dashcam -file ${root}`,
    },
    { text: texts.javaProxy, command: `java ${options} -jar app.jar` },
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
      text: here ? texts.dockerOnHostNetwork : texts.dockerByHostName,
      command,
    },
  ];
}

function socksWays(address: string, root: string): Way[] {
  const proxy = `socks5h://${address}`;
  return [
    {
      id: 'shell',
      label: texts.thisShell,
      steps: [
        {
          text: texts.socksPrograms,
          command: `export ALL_PROXY=${proxy} all_proxy=${proxy}`,
        },
        {
          text: texts.certificateVariables,
          command: `export SSL_CERT_FILE=${root} CURL_CA_BUNDLE=${root} REQUESTS_CA_BUNDLE=${root} NODE_EXTRA_CA_CERTS=${root}`,
        },
      ],
    },
    {
      id: 'curl',
      label: 'curl',
      steps: [{ text: texts.oneRequest, command: `curl --proxy ${proxy} --cacert ${root} https://example.com/` }],
    },
  ];
}

function serverSteps({ reverse, transparent }: SendingAdvice): Step[] {
  return [
    ...reverse.map(({ address, to }) => ({
      text: texts.reverseTo(to),
      command: `http://${address}/`,
    })),
    ...transparent.map((address) => ({
      text: texts.redirectTo(address),
    })),
  ];
}

/** Returns whether `host` can be reached from its own machine only. */
export function isLoopback(host: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|\[?::1\]?|localhost)$/.test(host);
}
