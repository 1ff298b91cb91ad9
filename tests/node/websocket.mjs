// A WebSocket client with the `ws` package: reads {"url", "proxy", "ca", "deflate", "messages"} and prints what it got.

import { readFileSync } from "node:fs";
import http from "node:http";
import tls from "node:tls";
import { once } from "node:events";
import WebSocket from "ws";

const job = JSON.parse(readFileSync(0, "utf8"));
const url = new URL(job.url);
const ca = readFileSync(job.ca, "utf8");

const options = { perMessageDeflate: job.deflate, ca };
if (job.proxy) {
  const { hostname, port } = new URL(job.proxy);
  const call = http.request({ hostname, port, method: "CONNECT", path: url.host, agent: false });
  call.end();
  const [response, socket] = await once(call, "connect");
  if (response.statusCode !== 200) throw new Error(`CONNECT: ${response.statusCode}`);
  options.createConnection = () =>
    url.protocol === "wss:" ? tls.connect({ socket, servername: url.hostname, ca }) : socket;
}

const client = new WebSocket(job.url, ["chat.v1", "chat.v2"], options);
await once(client, "open");
const replies = [];
for (const { text, binary } of job.messages) {
  const reply = once(client, "message");
  client.send(binary === undefined ? text : Buffer.from(binary, "hex"));
  const [data, isBinary] = await reply;
  replies.push(isBinary ? { binary: data.toString("hex") } : { text: data.toString() });
}
const pong = once(client, "pong");
client.ping("are you there");
await pong;
client.close(1000, "done");
const [code, reason] = await once(client, "close");
process.stdout.write(
  JSON.stringify({
    subprotocol: client.protocol,
    extensions: client.extensions || null,
    replies,
    close: [code, reason.toString()],
  }),
);
