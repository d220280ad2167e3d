# A receiver of webhooks in Python. Needs Python 3.9 and nothing else:
#
#     SECRET=$(cat data/demo.secret) python3 docs/receivers/receiver.py
import base64, hashlib, hmac, http.server, os, sys, time

SECRET = os.environ.get("SECRET", "")
if not SECRET.startswith("whsec_"):
    sys.exit("SECRET must hold the secret of your webhooks, which begins with whsec_")
PORT = int(os.environ.get("PORT", "8900"))


# The body as it came: one that was parsed and written again has other bytes.
def is_genuine(headers, body, secret):
    at = headers.get("webhook-timestamp", "")
    if not at.isdecimal() or abs(time.time() - int(at)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f'{headers.get("webhook-id")}.{at}.'.encode() + body
    expected = b"v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest())
    return any(hmac.compare_digest(expected, one.encode()) for one in headers.get("webhook-signature", "").split())


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        genuine = is_genuine(self.headers, body, SECRET)
        # In one piece: several requests are answered at once, and their lines must not mix.
        word = "genuine" if genuine else "NOT GENUINE"
        print(f"{word} {self.headers.get('webhook-id')} {body[:500].decode(errors='replace')}\n", end="", flush=True)
        self.send_response(204 if genuine else 401)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Receiver)
print(f"Listening on http://127.0.0.1:{PORT}/", flush=True)
server.serve_forever()
