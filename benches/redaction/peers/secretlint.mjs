// secretlint with its recommended rules, on texts: `secretlint.mjs CORPUS` prints findings as JSON.
//
// A finding is [text, start, end, kind].

import { readFile } from "node:fs/promises";
import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";

const texts = JSON.parse(await readFile(process.argv[2], "utf8"));
const config = { rules: [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: creator }] };
const found = [];
for (const [number, text] of texts.entries()) {
  const source = { filePath: "/traffic.txt", content: text.text, ext: ".txt", contentType: "text" };
  const { messages } = await lintSource({ source, options: { config } });
  for (const one of messages) found.push([number, ...one.range, one.messageId]);
}
process.stdout.write(JSON.stringify(found));
