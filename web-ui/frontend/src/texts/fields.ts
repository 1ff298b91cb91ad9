// Header fields taken apart.

export const cookies = 'Cookies';
export const name = 'name';
export const value = 'value';
export const directives = 'Directives';
export const secure = 'Secure';
export const httpOnly = 'HttpOnly';
export const sameSite = 'SameSite';
export const without = (attributes: string) => `Without ${attributes}.`;
export const unknownScheme = 'A scheme that this page does not know.';
export const scheme = 'scheme';
export const password = 'password';
export const credentials = 'Credentials';
export const part = 'part';
export const sources = 'sources';
export const signatureRedacted = 'The signature is redacted.';
export const signatureUnchecked = 'The signature is not checked here: it takes the key of whoever issued it.';
export const tokenHeader = 'Header of the token';
export const tokenClaims = 'Claims of the token';

/** How a client identifies itself, by the name of the scheme. */
export const schemes: Readonly<Record<string, string>> = {
  basic: 'A name and a password in base64, readable for everybody who sees them.',
  bearer: 'Whoever has this token is let in.',
  digest: 'A hash that proves the password without sending it.',
  negotiate: 'Kerberos or NTLM, as both sides agree.',
  ntlm: 'Windows’ older way to sign in, in three steps.',
  'aws4-hmac-sha256': 'A signature of AWS over the request: it holds for this request and a few minutes.',
  dpop: 'A token that is bound to a key: the field DPoP proves that the client has it.',
  hoba: 'A signature with a key that the server knows.',
  mutual: 'A password that both sides prove to know.',
  token: 'A token of the service’s own.',
  apikey: 'A key of the service’s own.',
};
