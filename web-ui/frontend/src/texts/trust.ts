// How clients and whole systems learn to trust dashcam's certificate.

// The root certificate: the file, and how whole systems learn to trust it.
export const whyTrust = 'To read HTTPS, a client has to trust dashcam’s certificate:';
export const downloadRoot = 'download ca.pem';
export const whereRootIs = 'On dashcam’s machine it is here:';

// How a client that rejected dashcam's certificate learns to trust it.
export const fetchRootThroughProxy =
  'It may be on another machine. Open http://dashcam.test/ca.pem there, through the proxy, and give the full path of that file below.';
export const copyRootFirst =
  'It may be on another machine. Copy ca.pem there first, and give the full path of that file below.';
export const clientDoesNotTrust = 'This client does not trust dashcam yet: here is how';
export const probableRuntime = (name: string) => `It is probably ${name}.`;

// The needs of each kind of client. A command to copy follows where a text ends with a colon.
export const orRun = 'Or start the program with dashcam run, which sets this and the proxy for it:';
export const orBrowser = 'Or use a browser with a profile of its own that trusts dashcam already:';
export const setToReplaceRoots = 'Set this before the program starts. It replaces the usual roots:';
export const setToAddToRoots = 'Set this before the program starts. It adds to the usual roots:';
export const chromium = 'a browser or an app made of Chromium';
export const chromiumRoots =
  'On Linux, add the certificate to its roots (package libnss3-tools). On macOS and Windows it asks the system.';
export const forOneCall = 'For one call:';
export const forAllCalls = 'For all calls of a shell:';
export const importIntoFirefox =
  'Open Settings, Privacy & Security, Certificates, View Certificates, Authorities. Import ca.pem, and trust it to identify websites.';
export const forAllRepositories = 'For all repositories:';
export const orForThisShell = 'Or for this shell:';
export const withGnutls = 'a program with GnuTLS';
export const gnutlsReadsSystem =
  'It reads the system’s roots, and no variable names others. Let the system trust dashcam:';
export const inGo = 'a program in Go';
export const goRoots =
  'On Linux, set this before the program starts. On macOS Go asks the keychain. A program may name roots of its own.';
export const onJava = 'a program on a Java virtual machine';
export const addToJavaStore = 'Add the certificate to Java’s trust store:';
export const withOpenssl = 'a program with OpenSSL';
export const phpRoots = 'For one program, or as lines of php.ini:';
export const pythonRoots =
  'Set these before the program starts: urllib, httpx and aiohttp read the first, requests the second. They replace the usual roots.';
export const withRustls = 'a program with rustls';
export const rustlsRoots =
  'Programs that read the system’s roots heed this. One that has its roots built in can’t be told.';
export const wgetRoots = 'For one call, or as a line of ~/.wgetrc:';
export const manyFindByVariable = 'Many programs find the certificate by this variable:';
export const orRunSetsMost = 'Or start the program with dashcam run, which sets what most need:';
export const whatEachNeeds = 'This shows what each kind of program needs:';

// Steps for whole systems.
export const dashcamCanInstall = 'dashcam can do it for this machine:';
export const byHandOnDebian = 'By hand on Debian, Ubuntu and Alpine:';
export const byHandOnFedora = 'By hand on Fedora and RHEL:';
export const chromeHasOwnRoots = 'Chrome and Chromium have roots of their own (package libnss3-tools):';
export const inTerminal = 'In a terminal:';
export const asWindowsAdministrator = 'Download ca.pem. Then, in a command prompt that you open as administrator:';
export const onAndroid =
  'Send ca.pem to the phone. Open Settings, search for “CA certificate”, choose to install one, and pick the file. Chrome trusts it then. An app does only if its developers allow certificates that users add.';
export const appleDevices = 'iPhone and iPad';
export const fetchAppleProfile =
  'Open http://dashcam.test/ca.mobileconfig in Safari, through the proxy, and allow the download. Or send ca.pem to the device, and open it.';
export const installAppleProfile = 'Open Settings, General, VPN & Device Management, and install the profile.';
export const trustAppleProfile =
  'Open Settings, General, About, Certificate Trust Settings, and switch on dashcam’s certificate.';
export const firefoxHasOwnRoots =
  'Firefox has roots of its own. Open Settings, Privacy & Security, Certificates, View Certificates, Authorities. Import ca.pem, and trust it to identify websites.';
