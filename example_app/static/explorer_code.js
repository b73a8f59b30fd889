// Signs in by an authorization code with PKCE (RFC 7636), and renews the token.
import * as page from "./explorer_page.js";

let refreshToken = null;
let renewing = null;

async function signIn() {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  page.leave(
    {
      response_type: "code",
      code_challenge: base64url(new Uint8Array(digest)),
      code_challenge_method: "S256",
    },
    // Without the code it opens nothing, and the code can be used once.
    { verifier },
  );
}

async function takeAnswer() {
  const answer = new URLSearchParams(location.search);
  if (!answer.has("code") && !answer.has("error")) return;
  const kept = page.check(answer);
  if (kept === null) return;
  const received = await request({
    grant_type: "authorization_code",
    code: answer.get("code"),
    redirect_uri: page.redirectUri,
    code_verifier: kept.verifier,
  });
  if (received.access_token) use(received);
  else page.show(`Signing in failed: ${received.error_description}`);
}

function use(received) {
  refreshToken = received.refresh_token;
  page.useToken(received, renew);
}

// A refresh token serves once. Two requests with it would look like a theft.
function renew() {
  renewing ??= renewOnce().finally(() => (renewing = null));
}

async function renewOnce() {
  const received = await request({ grant_type: "refresh_token", refresh_token: refreshToken });
  if (received.access_token) use(received);
  else if (received.error === "invalid_grant") page.showExpired();
  else page.show(`Renewing failed: ${received.error_description}`);
}

async function signOut() {
  await renewing; // else the token that arrives would stay
  await page.revoke(refreshToken);
}

/** Return the members of the token endpoint's answer. */
async function request(parameters) {
  try {
    return await (await page.post(page.settings.token, parameters)).json();
  } catch {
    return { error_description: "the server does not answer." };
  }
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

page.onClick("sign-in", signIn);
page.onClick("renew", renew);
page.onClick("sign-out", signOut);
takeAnswer();
