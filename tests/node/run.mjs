// Makes one request the way that a library makes it by itself: nothing here names a proxy or a root.
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import axios from 'axios';
import { request } from 'undici';
import { WebSocket } from 'ws';

const [kind, url] = process.argv.slice(2);

const status = (library) =>
  new Promise((resolve, reject) => {
    library.get(url, (response) => response.resume().on('end', () => resolve(response.statusCode))).on('error', reject);
  });

const kinds = {
  fetch: async () => (await fetch(url)).status,
  http: () => status(http),
  https: () => status(https),
  http2: () =>
    new Promise((resolve, reject) => {
      const { origin, pathname, search } = new URL(url);
      const session = http2.connect(origin).on('error', reject);
      const stream = session.request({ ':path': pathname + search }).on('error', reject);
      stream.on('response', (head) => resolve(head[':status'])).on('end', () => session.close());
      stream.resume().end();
    }),
  axios: async () => (await axios.get(url)).status,
  undici: async () => (await request(url)).statusCode,
  ws: () =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url.replace(/^http/, 'ws'), ['chat.v1']).on('error', reject);
      socket.on('open', () => socket.close()).on('close', () => resolve(200));
    }),
};

console.log(await kinds[kind]());
