// The needs of each kind of client, so that it trusts dashcam's certificate. `dashcam ca` shows the same.
import type { Connection } from '../../api/types';
import * as texts from '../../texts/trust';
import type { Step } from './step';

export type Runtime = NonNullable<Connection['runtime']>;

interface Cure {
  /** The client's name in a sentence; null if it is not known. */
  name: string | null;
  /** The steps, where the certificate is the file `root`, as a word of a shell. */
  steps: (root: string) => Step[];
}

const RUN: Step = {
  text: texts.orRun,
  command: 'dashcam run -- COMMAND',
};
const BROWSER: Step = {
  text: texts.orBrowser,
  command: 'dashcam browser',
};

/** A variable that names a file of roots. */
const variable = (name: string, text: string) => (root: string) => [{ text, command: `export ${name}=${root}` }, RUN];

const openssl = variable('SSL_CERT_FILE', texts.setToReplaceRoots);

const node = variable('NODE_EXTRA_CA_CERTS', texts.setToAddToRoots);

export const CURES: Record<Runtime, Cure> = {
  bun: { name: 'Bun', steps: node },
  chromium: {
    name: texts.chromium,
    steps: (root) => [
      {
        text: texts.chromiumRoots,
        command: `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n dashcam -i ${root}`,
      },
      BROWSER,
    ],
  },
  curl: {
    name: 'curl',
    steps: (root) => [
      { text: texts.forOneCall, command: `curl --cacert ${root} https://example.com/` },
      { text: texts.forAllCalls, command: `export CURL_CA_BUNDLE=${root}` },
      RUN,
    ],
  },
  deno: {
    name: 'Deno',
    steps: variable('DENO_CERT', texts.setToAddToRoots),
  },
  firefox: {
    name: 'Firefox',
    steps: () => [
      {
        text: texts.importIntoFirefox,
      },
      BROWSER,
    ],
  },
  git: {
    name: 'git',
    steps: (root) => [
      { text: texts.forAllRepositories, command: `git config --global http.sslCAInfo ${root}` },
      { text: texts.orForThisShell, command: `export GIT_SSL_CAINFO=${root}` },
      RUN,
    ],
  },
  gnutls: {
    name: texts.withGnutls,
    steps: () => [
      {
        text: texts.gnutlsReadsSystem,
        command: 'sudo dashcam ca install --yes',
      },
      RUN,
    ],
  },
  go: {
    name: texts.inGo,
    steps: variable('SSL_CERT_FILE', texts.goRoots),
  },
  java: {
    name: texts.onJava,
    steps: (root) => [
      {
        text: texts.addToJavaStore,
        command: `keytool -importcert -noprompt -cacerts -storepass changeit -alias dashcam -file ${root}`,
      },
      RUN,
    ],
  },
  node: { name: 'Node.js', steps: node },
  openssl: { name: texts.withOpenssl, steps: openssl },
  php: {
    name: 'PHP',
    steps: (root) => [
      {
        text: texts.phpRoots,
        command: `php -d openssl.cafile=${root} -d curl.cainfo=${root} FILE`,
      },
      RUN,
    ],
  },
  python: {
    name: 'Python',
    steps: (root) => [
      {
        text: texts.pythonRoots,
        command: `export SSL_CERT_FILE=${root} REQUESTS_CA_BUNDLE=${root}`,
      },
      RUN,
    ],
  },
  ruby: { name: 'Ruby', steps: openssl },
  rustls: {
    name: texts.withRustls,
    steps: variable('SSL_CERT_FILE', texts.rustlsRoots),
  },
  wget: {
    name: 'Wget',
    steps: (root) => [
      {
        text: texts.wgetRoots,
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
    { text: texts.manyFindByVariable, command: `export SSL_CERT_FILE=${root}` },
    { text: texts.orRunSetsMost, command: 'dashcam run -- COMMAND' },
    { text: texts.whatEachNeeds, command: 'dashcam ca' },
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
