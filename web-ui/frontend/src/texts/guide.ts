// The guide: how a client is connected.
import * as counts from './counts';

// How a first client is connected: the way, the certificate, and whether a request has come.
export const recordingIsOff =
  'Recording is off: traffic passes and leaves no trace. Switch to metadata or full in the top bar.';
export const levelIsMetrics =
  'The level is metrics: traffic is counted and timed, and nothing of it is recorded. Switch to metadata or full in the top bar.';
export const ways = 'Ways to connect a client';
export const noListener = 'dashcam has no listener that a client can be pointed at.';
export const trustCertificate = 'Trust the certificate';

// How a phone's traffic comes to dashcam.
export const listensHereOnly = (addresses: string) =>
  `dashcam listens on this machine only (${addresses}): a phone can’t reach it. Start it so that it listens on all addresses:`;
export const takesPrivateNetworks = 'It takes clients of private networks then, and of this machine.';
export const proxyAuthOption = '--proxyauth USER:PASSWORD';
export const asksForPassword = 'asks them for a password.';
export const joinNetwork = 'Join the network of dashcam’s machine with the phone.';
export const openWifiSettings = 'Open the settings of that Wi-Fi, and set its proxy to manual:';
export const hostAndPortAreListeners = 'host and port are those of dashcam’s listener.';
export const hostIsMachines = 'the host is the address of dashcam’s machine in that network, the port is';
export const showsAddresses = 'This shows the addresses on Linux:';
export const host = 'host';
export const port = 'port';
export const scanCode = 'Scan this code, or open';
export const siteHasAll =
  'there. dashcam answers it itself: it has the certificate, the steps to trust it, and a check.';
export const sendRoot = 'Send ca.pem to the phone, and let it trust that: the steps are below.';
export const setProxyBack = 'Set the proxy back to none when you are done.';

// Whether a request has come since the guide is open.
export const sawFirst = 'We saw your first request.';
export const sawSinceOpened = (number: number) => `We saw a request since you opened this (${counts.count(number)}).`;
export const waiting = 'Waiting for a request…';

// The ways, each with its steps. A command to copy follows where a text ends with a colon.
export const server = 'A server';
export const runForLibraries = 'Libraries that look at no variable need dashcam run, which brings most of them:';
export const oneProgram = 'One program';
export const runSetsAll = 'dashcam run sets the proxy and the certificate for one program and those that it starts:';
export const deepCapturesAll = 'On Linux, --deep captures every connection, also of programs that know no proxy:';
export const thisShell = 'This shell';
export const allOfShell =
  'Everything that you start in this shell goes through dashcam then. curl looks at http_proxy in lower case only:';
export const certificateVariables =
  'Most programs find the certificate by one of these. The first three replace the usual roots:';
export const oneRequest = 'One request:';
export const pythonLooksAt = 'urllib, requests and httpx look at these. aiohttp does with trust_env=True:';
export const nodeLooksAt = 'From Node.js 24 on, fetch and http look at these:';
export const browser = 'Browser';
export const browserOpens =
  'dashcam browser opens Chromium or Firefox with a profile of its own, which trusts dashcam. Your usual profile stays as it is:';
export const phone = 'Phone';
export const javaRun = 'dashcam run gives it the proxy and a trust store with the certificate, by JAVA_TOOL_OPTIONS:';
export const javaByHand = 'Or by hand: add the certificate to Java’s trust store, once,';
export const javaProxy = 'and name the proxy:';
export const dockerOnHostNetwork =
  'dashcam listens on this machine only, so the container has to share its network (Linux):';
export const dockerByHostName = 'The container reaches dashcam by the name of its host:';
export const socksPrograms = 'Programs that know SOCKS5 go through dashcam then:';
export const reverseTo = (destination: string) => `Send requests for ${destination} to this address in its place:`;
export const redirectTo = (address: string) =>
  `Let the firewall redirect connections to ${address}. docs/PRODUCTION.md has the rules.`;
