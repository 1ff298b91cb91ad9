// Steps for a person, so that a whole system trusts dashcam's certificate.
import * as texts from '../../texts/trust';
import type { Step } from './step';

interface System {
  name: string;
  /** The steps, where the certificate is the file `root`, as a word of a shell. */
  steps: (root: string) => Step[];
}

export const SYSTEMS: System[] = [
  {
    name: 'Linux',
    steps: (root) => [
      { text: texts.dashcamCanInstall, command: 'sudo dashcam ca install --yes' },
      {
        text: texts.byHandOnDebian,
        command: `sudo cp ${root} /usr/local/share/ca-certificates/dashcam.crt && sudo update-ca-certificates`,
      },
      {
        text: texts.byHandOnFedora,
        command: `sudo cp ${root} /etc/pki/ca-trust/source/anchors/dashcam.crt && sudo update-ca-trust`,
      },
      {
        text: texts.chromeHasOwnRoots,
        command: `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n dashcam -i ${root}`,
      },
    ],
  },
  {
    name: 'macOS',
    steps: (root) => [
      {
        text: texts.inTerminal,
        command: `sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${root}`,
      },
    ],
  },
  {
    name: 'Windows',
    steps: () => [
      {
        text: texts.asWindowsAdministrator,
        command: 'certutil -addstore -f Root ca.pem',
      },
    ],
  },
  {
    name: 'Android',
    steps: () => [
      {
        text: texts.onAndroid,
      },
    ],
  },
  {
    name: texts.appleDevices,
    steps: () => [
      {
        text: texts.fetchAppleProfile,
      },
      { text: texts.installAppleProfile },
      { text: texts.trustAppleProfile },
    ],
  },
  {
    name: 'Firefox',
    steps: () => [
      {
        text: texts.firefoxHasOwnRoots,
      },
    ],
  },
];
