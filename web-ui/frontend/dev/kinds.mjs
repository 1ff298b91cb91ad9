// The kinds of exchanges that the stand-in makes up; they come in turn.

const KINDS = [
  {
    method: 'GET',
    host: 'api.example.com',
    target: (n) => `/v2/users/${n}?expand=teams,roles`,
    status: 200,
    type: 'application/json; charset=utf-8',
    size: 812,
  },
  {
    method: 'GET',
    host: 'cdn.example.net',
    target: (n) => `/assets/app.${n}.js`,
    status: 304,
    type: 'text/javascript',
    size: 0,
  },
  {
    method: 'POST',
    host: 'api.example.com',
    target: () => '/v2/orders',
    status: 201,
    type: 'application/json',
    size: 1204,
    sent: '{"customer":"c_8812","lines":[{"sku":"A-100","quantity":2},{"sku":"B-7","quantity":1}],"note":null}',
  },
  {
    method: 'GET',
    host: 'images.example.org',
    target: (n) => `/thumb/${n}.webp`,
    status: 200,
    type: 'image/webp',
    size: 48_213,
  },
  {
    method: 'GET',
    host: 'api.example.com',
    target: () => '/v2/orders/9999999',
    status: 404,
    type: 'application/problem+json',
    size: 142,
  },
  {
    method: 'GET',
    host: 'billing.internal',
    target: () => '/healthz',
    scheme: 'http',
    port: 8085,
    failure: { side: 'upstream', stage: 'connect', message: 'connection to 10.0.4.17:8085 refused (os error 111)' },
  },
  {
    method: 'GET',
    host: 'stream.example.com',
    target: () => '/events?topic=prices',
    status: 200,
    type: 'text/event-stream',
    size: 5210,
    messages: true,
  },
  {
    method: 'PUT',
    host: 'uploads.example.com',
    target: (n) => `/objects/${n}/content`,
    status: 503,
    type: 'text/html',
    size: 512,
    sent: 'binary',
  },
  { method: 'GET', host: 'www.example.com', target: () => '/', status: 302, type: 'text/html', size: 0 },
  { method: 'DELETE', host: 'api.example.com', target: (n) => `/v2/sessions/${n}`, status: 204, type: null, size: 0 },
  {
    method: 'POST',
    host: '127.0.0.1',
    target: () => '/upload',
    scheme: 'http',
    port: 8080,
    state: 'refused',
    failure: {
      side: 'client',
      stage: 'request_head',
      message: 'The request has Content-Length and Transfer-Encoding: two readers could disagree about where it ends.',
    },
  },
];

/** The kind of the exchange with number `id`. */
export const kindOf = (id) => KINDS[(id * 7) % KINDS.length];
