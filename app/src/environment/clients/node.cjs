// Brings the connections of a Node.js program to the proxy of the environment, whichever library opens them.
//
// tls.connect is under https, http2, fetch, undici, ws and agents of one's own: everything encrypted passes there.
// Plain requests go by http.Agent, or by undici, which opens its sockets itself. Written for old versions too: a
// program must not fail because of this file.
'use strict';

const http = require('http');
const net = require('net');
const tls = require('tls');
const { Duplex } = require('stream');

const proxy = process.env.HTTPS_PROXY && /^http:/.test(process.env.HTTPS_PROXY) ? new URL(process.env.HTTPS_PROXY) : undefined;
const excluded = (process.env.NO_PROXY || '').toLowerCase().split(/[\s,]+/).filter(Boolean);

// Says whether a connection to `host` is to take the way through the proxy.
function isWanted(host, port) {
  if (host === proxy.hostname || `[${host}]` === proxy.hostname) {
    if (String(port) === proxy.port) return false;
  }
  const name = String(host).toLowerCase();
  return !excluded.some((entry) => {
    const suffix = entry.replace(/^\*?\./, '');
    return entry === '*' || name === suffix || `${name}:${port}` === entry || name.endsWith(`.${suffix}`);
  });
}

// Asks the proxy for a connection; `done(error, socket)` gets it once it is there.
function open(host, port, done) {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const headers = { host: authority };
  if (proxy.username) {
    const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    headers['proxy-authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  const request = http.request({
    host: proxy.hostname.replace(/[[\]]/g, ''),
    port: proxy.port,
    method: 'CONNECT',
    path: authority,
    headers,
    agent: new http.Agent(),
    setDefaultHeaders: false,
  });
  request.once('error', done);
  request.once('connect', (response, socket, head) => {
    if (response.statusCode !== 200) {
      socket.destroy();
      done(new Error(`the proxy answered ${response.statusCode} to CONNECT ${authority}`));
      return;
    }
    if (head.length) socket.unshift(head);
    done(null, socket);
  });
  request.end();
  return request;
}

// A socket that is there at once, and carries bytes as soon as the proxy has connected it.
function pending(host, port) {
  let socket;
  let first;
  let isIdle = false;
  const calls = [];
  const stream = new Duplex({
    read() {
      if (socket) socket.resume();
    },
    write(chunk, encoding, done) {
      if (socket) socket.write(chunk, encoding, done);
      else first = () => socket.write(chunk, encoding, done);
    },
    final(done) {
      if (socket) socket.end(done);
      else done();
    },
    destroy(error, done) {
      if (socket) socket.destroy();
      else request.destroy();
      done(error);
    },
  });
  const request = open(host, port, (error, opened) => {
    if (error) {
      stream.destroy(error);
      return;
    }
    socket = opened;
    stream.connecting = false;
    for (const call of calls) call();
    socket.on('data', (chunk) => {
      if (!stream.push(chunk)) socket.pause();
    });
    socket.on('end', () => stream.push(null));
    socket.on('error', (failure) => stream.destroy(failure));
    socket.on('close', () => stream.destroy());
    if (first) first();
    stream.emit('connect');
    stream.emit('ready');
  });
  // Programs end when only idle sockets are left: that has to reach the one below.
  let raw;
  request.once('socket', (below) => {
    raw = below;
    if (isIdle) raw.unref();
  });
  stream.connecting = true;
  stream.ref = () => {
    isIdle = false;
    if (raw) raw.ref();
    return stream;
  };
  stream.unref = () => {
    isIdle = true;
    if (raw) raw.unref();
    return stream;
  };
  for (const name of ['setKeepAlive', 'setNoDelay', 'setTimeout']) {
    stream[name] = (...given) => {
      const call = () => socket[name](...given.filter((value) => typeof value !== 'function'));
      if (socket) call();
      else calls.push(call);
      return stream;
    };
  }
  return stream;
}

// The options and the callback of both forms of net.connect and tls.connect; undefined for a path.
function read(given) {
  const done = typeof given[given.length - 1] === 'function' ? given[given.length - 1] : undefined;
  if (typeof given[0] === 'object' && given[0] !== null) return { options: given[0], done };
  if (typeof given[0] === 'string' && Number.isNaN(Number(given[0]))) return undefined;
  const host = typeof given[1] === 'string' ? { host: given[1] } : {};
  const rest = given.find((value, at) => at > 0 && value !== null && typeof value === 'object');
  return { options: { ...host, ...rest, port: Number(given[0]) }, done };
}

function install() {
  const tlsConnect = tls.connect;
  tls.connect = function connect(...given) {
    const call = read(given);
    if (!call) return tlsConnect.apply(this, given);
    const { options, done } = call;
    const host = options.host || 'localhost';
    if (options.socket || options.path || !options.port || !isWanted(host, options.port)) {
      return tlsConnect.apply(this, given);
    }
    const socket = pending(host, options.port);
    const { lookup, ...kept } = options;
    const servername = options.servername === undefined ? (net.isIP(host) ? '' : host) : options.servername;
    const connected = tlsConnect.call(this, { ...kept, host, socket, servername }, done);
    connected.ref = () => {
      socket.ref();
      return connected;
    };
    connected.unref = () => {
      socket.unref();
      return connected;
    };
    return connected;
  };

  const createConnection = http.Agent.prototype.createConnection;
  http.Agent.prototype.createConnection = function create(...given) {
    const [options, done] = given;
    const isPlain = options && !options.path && !options.socketPath && options.port && typeof done === 'function';
    if (!isPlain || !isWanted(options.host || 'localhost', options.port)) {
      return createConnection.apply(this, given);
    }
    open(options.host || 'localhost', options.port, done);
    return undefined;
  };

  const netConnect = net.connect;
  net.connect = function connect(...given) {
    const [options] = given;
    // The mark of undici's plain connections. All others are left alone: they may be a database's.
    const isUndici = options && options.highWaterMark === 65536 && options.port && !options.path;
    if (!isUndici || !isWanted(options.host || 'localhost', options.port)) return netConnect.apply(this, given);
    return pending(options.host || 'localhost', options.port);
  };

  require('module').syncBuiltinESMExports();
}

if (proxy) install();

// Bun runs this too (BUN_OPTIONS): its own WebSocket takes a proxy as an option.
if (proxy && process.versions.bun && globalThis.WebSocket) {
  const Native = globalThis.WebSocket;
  globalThis.WebSocket = class WebSocket extends Native {
    constructor(url, options) {
      const isList = typeof options === 'string' || Array.isArray(options);
      const given = isList ? { protocols: options } : options || {};
      const { hostname, port, protocol } = new URL(url, 'ws://invalid');
      const isThrough = isWanted(hostname, port || (protocol === 'wss:' ? '443' : '80'));
      super(url, isThrough ? { proxy: proxy.href, ...given } : options);
    }
  };
}
