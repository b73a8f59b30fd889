// Does tasks with openid-client. Each task begins with discovery.

import * as client from "openid-client";
import { authentication, read, run } from "./tasks.mjs";

async function prepare(given) {
  const options = {
    algorithm: "oauth2",
    execute: [client.allowInsecureRequests], // loopback has no certificate
  };
  const proof = await authentication(client, given);
  return client.discovery(new URL(given.issuer), given.client.client_id, {}, proof, options);
}

await run({
  async discover(given) {
    return (await prepare(given)).serverMetadata();
  },

  async token(given) {
    return client.clientCredentialsGrant(await prepare(given), { scope: given.scope });
  },

  // Returns where the person's browser goes, and what the client must remember.
  async authorize(given) {
    const kept = { verifier: client.randomPKCECodeVerifier(), state: client.randomState() };
    const url = client.buildAuthorizationUrl(await prepare(given), {
      redirect_uri: given.back,
      scope: given.scope,
      state: kept.state,
      code_challenge: await client.calculatePKCECodeChallenge(kept.verifier),
      code_challenge_method: "S256",
    });
    return { url: url.href, ...kept };
  },

  async exchange(given) {
    const checks = { pkceCodeVerifier: given.verifier, expectedState: given.state };
    return client.authorizationCodeGrant(await prepare(given), new URL(given.answer), checks);
  },

  async refresh(given) {
    return client.refreshTokenGrant(await prepare(given), given.token);
  },

  async introspect(given) {
    return client.tokenIntrospection(await prepare(given), given.token);
  },

  async revoke(given) {
    return client.tokenRevocation(await prepare(given), given.token);
  },

  async call(given) {
    const url = new URL(given.url);
    return read(await client.fetchProtectedResource(await prepare(given), given.token, url, "GET"));
  },
});
