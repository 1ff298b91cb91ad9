// Steps for a person, so that a whole system trusts dashcam's certificate.
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
      { text: 'dashcam can do it for this machine:', command: 'sudo dashcam ca install --yes' },
      {
        text: 'By hand on Debian, Ubuntu and Alpine:',
        command: `sudo cp ${root} /usr/local/share/ca-certificates/dashcam.crt && sudo update-ca-certificates`,
      },
      {
        text: 'By hand on Fedora and RHEL:',
        command: `sudo cp ${root} /etc/pki/ca-trust/source/anchors/dashcam.crt && sudo update-ca-trust`,
      },
      {
        text: 'Chrome and Chromium have roots of their own (package libnss3-tools):',
        command: `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n dashcam -i ${root}`,
      },
    ],
  },
  {
    name: 'macOS',
    steps: (root) => [
      {
        text: 'In a terminal:',
        command: `sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${root}`,
      },
    ],
  },
  {
    name: 'Windows',
    steps: () => [
      {
        text: 'Download ca.pem. Then, in a command prompt that you open as administrator:',
        command: 'certutil -addstore -f Root ca.pem',
      },
    ],
  },
  {
    name: 'Android',
    steps: () => [
      {
        text: 'Send ca.pem to the phone. Open Settings, search for “CA certificate”, choose to install one, and pick the file. Chrome trusts it then. An app does only if its developers allow certificates that users add.',
      },
    ],
  },
  {
    name: 'iPhone and iPad',
    steps: () => [
      {
        text: 'Open http://dashcam.test/ca.mobileconfig in Safari, through the proxy, and allow the download. Or send ca.pem to the device, and open it.',
      },
      { text: 'Open Settings, General, VPN & Device Management, and install the profile.' },
      { text: 'Open Settings, General, About, Certificate Trust Settings, and switch on dashcam’s certificate.' },
    ],
  },
  {
    name: 'Firefox',
    steps: () => [
      {
        text: 'Firefox has roots of its own. Open Settings, Privacy & Security, Certificates, View Certificates, Authorities. Import ca.pem, and trust it to identify websites.',
      },
    ],
  },
];
