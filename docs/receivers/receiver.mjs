// A receiver of webhooks in JavaScript. Needs Node.js 18 and nothing else:
//
//     SECRET=$(cat data/demo.secret) node docs/receivers/receiver.mjs
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const secret = process.env.SECRET ?? "";
if (!secret.startsWith("whsec_")) {
  console.error("SECRET must hold the secret of your webhooks, which begins with whsec_");
  process.exit(2);
}
const port = Number(process.env.PORT ?? 8900);

// The body as it came: one that was parsed and written again has other bytes.
function isGenuine(headers, body, secret) {
  const at = Number(headers["webhook-timestamp"]);
  if (!(Math.abs(Date.now() / 1000 - at) <= 300)) return false;
  const content = Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`), body]);
  const hash = createHmac("sha256", Buffer.from(secret.replace("whsec_", ""), "base64")).update(content).digest("base64");
  const expected = Buffer.from(`v1,${hash}`);
  return (headers["webhook-signature"] ?? "").split(" ").some((one) => {
    const given = Buffer.from(one);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts);
  const genuine = isGenuine(request.headers, body, secret);
  console.log(genuine ? "genuine" : "NOT GENUINE", request.headers["webhook-id"], body.toString("utf8", 0, 500));
  response.writeHead(genuine ? 204 : 401).end();
}).listen(port, "127.0.0.1", () => console.log(`Listening on http://127.0.0.1:${port}/`));
