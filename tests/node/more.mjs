// Does with one more Node client what it is for, and prints what it got as JSON.
// stdin: {"kind", "proxy": url or null, "ca": file, "url": the site}

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Readable, Writable } from "node:stream";
import { pipeline as pump } from "node:stream/promises";
import https from "node:https";
import axios from "axios";
import { HttpsProxyAgent } from "https-proxy-agent";
import { Agent, FormData, ProxyAgent, fetch, pipeline, request, stream } from "undici";

const job = JSON.parse(readFileSync(0, "utf8"));
const ca = readFileSync(job.ca, "utf8");
const site = job.url;
const large = Buffer.alloc(1_000_000, "0123456789abcdef");

function* pieces() {
  for (let start = 0; start < large.length; start += 10_000) yield large.subarray(start, start + 10_000);
}

/** A stream that hashes what it takes. */
function hashing() {
  const hash = createHash("sha256");
  let length = 0;
  const sink = new Writable({
    write(piece, _, done) {
      hash.update(piece);
      length += piece.length;
      done();
    },
  });
  return { sink, digest: () => `${length} ${hash.digest("hex")}` };
}

const sha = async (readable) => {
  const { sink, digest } = hashing();
  await pump(readable, sink);
  return digest();
};

const dispatcherOf = (options = {}) =>
  job.proxy
    ? new ProxyAgent({ uri: job.proxy, requestTls: { ca }, proxyTunnel: true, ...options })
    : new Agent({ connect: { ca }, ...options });

async function byUndici() {
  const dispatcher = dispatcherOf();
  const got = [];
  const asked = await request(`${site}/headers`, { dispatcher });
  got.push(asked.statusCode, asked.headers, await asked.body.text());
  const posted = await request(`${site}/digest?post`, { dispatcher, method: "POST", body: Readable.from(pieces()) });
  got.push(await posted.body.text());
  const chunked = await request(`${site}/chunked`, { dispatcher });
  got.push(await chunked.body.text(), chunked.trailers);
  const { sink, digest } = hashing();
  const streamed = await stream(`${site}/bytes/2000000`, { dispatcher, method: "GET" }, () => sink);
  got.push(digest(), streamed.trailers);
  const piped = hashing();
  const through = pipeline(`${site}/digest?pipeline`, { dispatcher, method: "PUT" }, ({ body }) => body);
  await pump(Readable.from(pieces()), through, piped.sink);
  got.push(piped.digest());
  const head = await request(`${site}/bytes/10?head`, { dispatcher, method: "HEAD" });
  got.push(head.headers["content-length"]);
  const many = Array.from({ length: 20 }, async (_, number) => {
    const { body } = await request(`${site}/bytes/${30_000 + number}`, { dispatcher });
    return sha(body);
  });
  got.push(...(await Promise.all(many)));
  await dispatcher.close();
  return got;
}

async function byFetch() {
  const dispatcher = dispatcherOf({ allowH2: job.h2 });
  const got = [];
  const text = async (path, options = {}) => {
    const response = await fetch(site + path, { dispatcher, ...options });
    const url = new URL(response.url);
    return [response.status, url.pathname, response.redirected, [...response.headers], await response.text()];
  };
  got.push(await text("/headers"));
  got.push(await text("/redirect/302/2", { method: "POST", body: "a=1" }));
  got.push(await text("/digest?stream", { method: "POST", duplex: "half", body: Readable.toWeb(Readable.from(pieces())) }));
  got.push(await text("/digest?search", { method: "POST", body: new URLSearchParams({ a: "1 & 2" }) }));
  got.push(await text("/gzip"));
  const form = new FormData();
  form.set("file", new File(["content"], "name.txt", { type: "text/x-odd" }));
  const { status } = await fetch(`${site}/status/200?form`, { dispatcher, method: "POST", body: form });
  got.push(status);
  const response = await fetch(`${site}/bytes/2000000`, { dispatcher });
  got.push(await sha(Readable.fromWeb(response.body)));
  await dispatcher.close();
  return got;
}

async function byAxios() {
  const agent = job.proxy ? new HttpsProxyAgent(job.proxy, { keepAlive: true }) : new https.Agent({ ca, keepAlive: true });
  // The proxy agent has no other way to trust an authority than NODE_EXTRA_CA_CERTS, which the test sets.
  const client = axios.create({ httpsAgent: agent, proxy: false, timeout: 30_000, validateStatus: () => true });
  const shown = ({ status, headers, data }) => [status, headers["content-type"], data];
  const got = [];
  const digested = async (path, body, options) => (await client.post(site + path, body, options)).data;
  got.push(shown(await client.get(`${site}/json`, { params: { a: "1 2", b: ["x", "y"] } })));
  got.push(shown(await client.get(`${site}/status/404`)));
  got.push(await digested("/digest?object", { a: [1, 2] }));
  got.push(await digested("/digest?stream", Readable.from(pieces()), { headers: { "Content-Type": "application/x-odd" } }));
  got.push((await client.get(`${site}/gzip`)).data);
  got.push((await client.get(`${site}/redirect/302/3`)).data);
  got.push((await client.get(`${site}/basic`, { auth: { username: "me", password: "secret" } })).data);
  const { data } = await client.get(`${site}/bytes/2000000`, { responseType: "stream" });
  got.push(await sha(data));
  got.push(...(await Promise.all(Array.from({ length: 10 }, (_, number) => digested(`/digest?${number}`, `${number}`)))));
  agent.destroy();
  return got;
}

const kinds = { undici: byUndici, fetch: byFetch, axios: byAxios };
process.stdout.write(JSON.stringify(await kinds[job.kind]()));
