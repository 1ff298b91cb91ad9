// Makes the requests named on stdin with one Node HTTP client and prints what it got as JSON.
// stdin: {"kind", "proxy": url or null, "ca": file, "requests": [{"method", "url", "headers", "body"}]}

import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import tls from "node:tls";
import { once } from "node:events";
import { Agent, ProxyAgent, fetch } from "undici";

const job = JSON.parse(readFileSync(0, "utf8"));
const ca = readFileSync(job.ca, "utf8");

const got = (status, headers, body) => ({
  status,
  version: "",
  headers: [...headers],
  body: Buffer.from(body).toString("base64"),
});

/** fetch, with undici's dispatcher for the way. */
async function byFetch() {
  const dispatcher = job.proxy
    ? new ProxyAgent({ uri: job.proxy, requestTls: { ca }, proxyTunnel: true })
    : new Agent({ connect: { ca } });
  const answers = [];
  for (const { method, url, headers, body } of job.requests) {
    const response = await fetch(url, { method, headers, body: body ?? undefined, dispatcher, redirect: "manual" });
    answers.push(got(response.status, response.headers, await response.arrayBuffer()));
  }
  await dispatcher.close();
  return answers;
}

/** node:https with a CONNECT of its own; node:http with absolute-form targets. */
async function byHttps() {
  const answers = [];
  for (const request of job.requests) {
    const url = new URL(request.url);
    const options = { method: request.method, headers: Object.fromEntries(request.headers), ca, agent: false };
    let call;
    if (!job.proxy) {
      call = (url.protocol === "https:" ? https : http).request(url, options);
    } else if (url.protocol === "http:") {
      const { hostname, port } = new URL(job.proxy);
      options.headers.Host = url.host;
      call = http.request({ ...options, hostname, port, path: request.url });
    } else {
      const socket = await tunnel(url);
      const secure = tls.connect({ socket, servername: url.hostname, ca });
      await once(secure, "secureConnect");
      call = https.request(url, { ...options, agent: undefined, createConnection: () => secure });
    }
    call.end(request.body === null ? undefined : Buffer.from(request.body, "latin1"));
    const [response] = await once(call, "response");
    const pieces = [];
    for await (const piece of response) pieces.push(piece);
    const pairs = response.rawHeaders.flatMap((name, at, all) => (at % 2 ? [] : [[name, all[at + 1]]]));
    answers.push(got(response.statusCode, pairs, Buffer.concat(pieces)));
    call.destroy();
  }
  return answers;
}

async function tunnel(url) {
  const { hostname, port } = new URL(job.proxy);
  const call = http.request({ hostname, port, method: "CONNECT", path: url.host, agent: false });
  call.end();
  const [response, socket] = await once(call, "connect");
  if (response.statusCode !== 200) throw new Error(`CONNECT: ${response.statusCode}`);
  return socket;
}

const kinds = { "node-fetch": byFetch, "node-https": byHttps };
process.stdout.write(JSON.stringify(await kinds[job.kind]()));
