// Makes calls of the vendor's JavaScript SDK, unchanged. One request a line comes in, one answer a line goes out, as JSON.
//
//   {"key": "...", "group": "reviews", "method": "getReview", "arguments": ["demo", "2026..."]}
//   {"value": {...}, "status": 200, "sent": {...}}   or   {"error": {"status": 404, "code": "...", "message": "..."}}
//
// An argument {"$bytes": base64} is handed over as a Buffer, {"$stream": base64} and {"$file": path} as the function that
// gives a stream, which is how this SDK wants one.
"use strict";
const fs = require("node:fs");
const readline = require("node:readline");
const { Readable } = require("node:stream");
const { ContentModeratorClient } = require("@azure/cognitiveservices-contentmoderator");
const { ApiKeyCredentials } = require("@azure/ms-rest-js");

const endpoint = process.argv[2];

function clientFor(key) {
  const credentials = new ApiKeyCredentials({ inHeader: { "Ocp-Apim-Subscription-Key": key } });
  return new ContentModeratorClient(credentials, endpoint);
}

function given(argument) {
  if (argument?.$bytes !== undefined) return Buffer.from(argument.$bytes, "base64");
  if (argument?.$stream !== undefined) return () => Readable.from([Buffer.from(argument.$stream, "base64")]);
  if (argument?.$file !== undefined) return () => fs.createReadStream(argument.$file);
  return argument;
}

async function answerTo({ key, group, method, arguments: list }) {
  const operations = clientFor(key)[group];
  try {
    const value = await operations[method](...list.map(given));
    const { status, request } = value._response;
    return { value, status, sent: request.headers.rawHeaders() };
  } catch (error) {
    const body = error.body?.error;
    return { error: { name: error.name, status: error.statusCode, code: body?.code, message: body?.message ?? String(error) } };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await answerTo(JSON.parse(line))) + "\n");
  }
}

main();
