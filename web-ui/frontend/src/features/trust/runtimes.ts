// The needs of each kind of client, so that it trusts dashcam's certificate. `dashcam ca` shows the same.
import type { Connection } from '../../api/types';
import type { Step } from './step';

export type Runtime = NonNullable<Connection['runtime']>;

interface Cure {
  /** The client's name in a sentence; null if it is not known. */
  name: string | null;
  /** The steps, where the certificate is the file `root`, as a word of a shell. */
  steps: (root: string) => Step[];
}

const RUN: Step = {
  text: 'Or start the program with dashcam run, which sets this and the proxy for it:',
  command: 'dashcam run -- COMMAND',
};
const BROWSER: Step = {
  text: 'Or use a browser with a profile of its own that trusts dashcam already:',
  command: 'dashcam browser',
};

/** A variable that names a file of roots. */
const variable = (name: string, text: string) => (root: string) => [{ text, command: `export ${name}=${root}` }, RUN];

const openssl = variable('SSL_CERT_FILE', 'Set this before the program starts. It replaces the usual roots:');

const node = variable('NODE_EXTRA_CA_CERTS', 'Set this before the program starts. It adds to the usual roots:');

export const CURES: Record<Runtime, Cure> = {
  bun: { name: 'Bun', steps: node },
  chromium: {
    name: 'a browser or an app made of Chromium',
    steps: (root) => [
      {
        text: 'On Linux, add the certificate to its roots (package libnss3-tools). On macOS and Windows it asks the system.',
        command: `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n dashcam -i ${root}`,
      },
      BROWSER,
    ],
  },
  curl: {
    name: 'curl',
    steps: (root) => [
      { text: 'For one call:', command: `curl --cacert ${root} https://example.com/` },
      { text: 'For all calls of a shell:', command: `export CURL_CA_BUNDLE=${root}` },
      RUN,
    ],
  },
  deno: {
    name: 'Deno',
    steps: variable('DENO_CERT', 'Set this before the program starts. It adds to the usual roots:'),
  },
  firefox: {
    name: 'Firefox',
    steps: () => [
      {
        text: 'Open Settings, Privacy & Security, Certificates, View Certificates, Authorities. Import ca.pem, and trust it to identify websites.',
      },
      BROWSER,
    ],
  },
  git: {
    name: 'git',
    steps: (root) => [
      { text: 'For all repositories:', command: `git config --global http.sslCAInfo ${root}` },
      { text: 'Or for this shell:', command: `export GIT_SSL_CAINFO=${root}` },
      RUN,
    ],
  },
  gnutls: {
    name: 'a program with GnuTLS',
    steps: () => [
      {
        text: 'It reads the system’s roots, and no variable names others. Let the system trust dashcam:',
        command: 'sudo dashcam ca install --yes',
      },
      RUN,
    ],
  },
  go: {
    name: 'a program in Go',
    steps: variable(
      'SSL_CERT_FILE',
      'On Linux, set this before the program starts. On macOS Go asks the keychain. A program may name roots of its own.',
    ),
  },
  java: {
    name: 'a program on a Java virtual machine',
    steps: (root) => [
      {
        text: 'Add the certificate to Java’s trust store:',
        command: `keytool -importcert -noprompt -cacerts -storepass changeit -alias dashcam -file ${root}`,
      },
      RUN,
    ],
  },
  node: { name: 'Node.js', steps: node },
  openssl: { name: 'a program with OpenSSL', steps: openssl },
  php: {
    name: 'PHP',
    steps: (root) => [
      {
        text: 'For one program, or as lines of php.ini:',
        command: `php -d openssl.cafile=${root} -d curl.cainfo=${root} FILE`,
      },
      RUN,
    ],
  },
  python: {
    name: 'Python',
    steps: (root) => [
      {
        text: 'Set these before the program starts: urllib, httpx and aiohttp read the first, requests the second. They replace the usual roots.',
        command: `export SSL_CERT_FILE=${root} REQUESTS_CA_BUNDLE=${root}`,
      },
      RUN,
    ],
  },
  ruby: { name: 'Ruby', steps: openssl },
  rustls: {
    name: 'a program with rustls',
    steps: variable(
      'SSL_CERT_FILE',
      'Programs that read the system’s roots heed this. One that has its roots built in can’t be told.',
    ),
  },
  wget: {
    name: 'Wget',
    steps: (root) => [
      {
        text: 'For one call, or as a line of ~/.wgetrc:',
        command: `wget --ca-certificate=${root} https://example.com/`,
      },
      RUN,
    ],
  },
};

/** For a client of which nothing is known. */
const UNKNOWN: Cure = {
  name: null,
  steps: (root) => [
    { text: 'Many programs find the certificate by this variable:', command: `export SSL_CERT_FILE=${root}` },
    { text: 'Or start the program with dashcam run, which sets what most need:', command: 'dashcam run -- COMMAND' },
    { text: 'This shows what each kind of program needs:', command: 'dashcam ca' },
  ],
};

/** The cure for a client with this runtime, as the API names it. */
export function cureOf(runtime: string | null | undefined): Cure {
  return Object.entries(CURES).find(([name]) => name === runtime)?.[1] ?? UNKNOWN;
}

/** Those of `steps` that can be taken on another machine than dashcam's. */
export function takenElsewhere(steps: Step[]): Step[] {
  return steps.filter(({ command }) => command?.includes('dashcam run') !== true && command !== BROWSER.command);
}
