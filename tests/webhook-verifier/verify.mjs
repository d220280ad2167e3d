// Verifies one request with the reference library: `node verify.mjs request.json`, where the file holds {secret, headers, body}, the body in
// base64. Ends with 0 when it is genuine; else it says what the library said.
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const { secret, headers, body } = JSON.parse(readFileSync(process.argv[2], "utf8"));
try {
  new Webhook(secret).verify(Buffer.from(body, "base64"), headers);
  console.log("genuine");
} catch (fault) {
  console.log(`${fault.name}: ${fault.message}`);
  process.exit(1);
}
