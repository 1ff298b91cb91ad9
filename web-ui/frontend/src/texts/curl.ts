// What can't be read in a curl command, and what is left out of it.

// A curl command as a request.
export const readsFile = (option: string) =>
  `${option} reads a file, which a page can’t. Put the contents in its place, or into the body below.`;
export const formHasParts =
  'A form with -F has several parts, which are not made here. Write the body with its parts yourself, or send the command through dashcam.';
export const proxyLeftOut = '-x is left out: dashcam sends the request its own way.';
export const connectionLeftOut = 'An option that says where to connect is left out.';
export const certificatesLeftOut = 'Certificates are left out: dashcam uses its own.';
export const insecureLeftOut = '-k is left out: dashcam checks the server’s certificate.';
export const redirectsLeftOut = '-L is left out: redirects are not followed.';
export const noCurl = 'This is no curl command: it begins with curl.';
export const noUrl = 'The command has no URL.';
export const noValue = (option: string) => `There is no value behind ${option}.`;
export const unknownOption = (option: string) => `The option ${option} is not known here. Leave it out.`;
export const twoUrls = (one: string, other: string) => `There are two URLs: ${one} and ${other}. Leave one out.`;
export const headerWithoutColon = (line: string) => `The header “${line}” has no colon.`;
export const theBody = 'The body';

// A command line as a POSIX shell reads it: its words, without quotes and escapes.
export const manyCommands = 'There is more than one command. Paste only the one that begins with curl.';
export const redirection = 'The command reads or writes a file with < or >, which a page can’t. Leave that out.';
export const substitution = 'The command runs another one with $(…) or `…`. Put its result in first.';
export const hasVariable = (name: string) => `The command has the variable ${name}. Put its value in first.`;
export const singleQuoteOpen = "A single quote (') is not closed.";
export const doubleQuoteOpen = 'A double quote (") is not closed.';
export const dollarQuoteOpen = "A quote of the form $'…' is not closed.";
