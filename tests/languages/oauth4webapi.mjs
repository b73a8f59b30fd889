// Does tasks with oauth4webapi. Each task begins with discovery.

import * as oauth from "oauth4webapi";
import { authentication, read, run } from "./tasks.mjs";

const HTTP = { [oauth.allowInsecureRequests]: true }; // loopback has no certificate

async function discover({ issuer }) {
  const expected = new URL(issuer);
  const response = await oauth.discoveryRequest(expected, { algorithm: "oauth2", ...HTTP });
  return oauth.processDiscoveryResponse(expected, response);
}

async function prepare(given) {
  const client = { client_id: given.client.client_id };
  return [await discover(given), client, await authentication(oauth, given)];
}

await run({
  discover,

  async token(given) {
    const [server, client, proof] = await prepare(given);
    const parameters = { scope: given.scope };
    const response = await oauth.clientCredentialsGrantRequest(server, client, proof, parameters, HTTP);
    return oauth.processClientCredentialsResponse(server, client, response);
  },

  // Returns where the person's browser goes, and what the client must remember.
  async authorize(given) {
    const [server, { client_id }] = await prepare(given);
    const kept = { verifier: oauth.generateRandomCodeVerifier(), state: oauth.generateRandomState() };
    const url = new URL(server.authorization_endpoint);
    url.search = new URLSearchParams({
      response_type: "code",
      client_id,
      redirect_uri: given.back,
      scope: given.scope,
      state: kept.state,
      code_challenge: await oauth.calculatePKCECodeChallenge(kept.verifier),
      code_challenge_method: "S256",
    });
    return { url: url.href, ...kept };
  },

  async exchange(given) {
    const [server, client, proof] = await prepare(given);
    const answer = oauth.validateAuthResponse(server, client, new URL(given.answer), given.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server, client, proof, answer, given.back, given.verifier, HTTP,
    );
    return oauth.processAuthorizationCodeResponse(server, client, response);
  },

  async refresh(given) {
    const [server, client, proof] = await prepare(given);
    const response = await oauth.refreshTokenGrantRequest(server, client, proof, given.token, HTTP);
    return oauth.processRefreshTokenResponse(server, client, response);
  },

  async introspect(given) {
    const [server, client, proof] = await prepare(given);
    const response = await oauth.introspectionRequest(server, client, proof, given.token, HTTP);
    return oauth.processIntrospectionResponse(server, client, response);
  },

  async revoke(given) {
    const [server, client, proof] = await prepare(given);
    const response = await oauth.revocationRequest(server, client, proof, given.token, HTTP);
    return oauth.processRevocationResponse(response);
  },

  async call({ url, token }) {
    const headers = new Headers({ accept: "application/json" });
    return read(await oauth.protectedResourceRequest(token, "GET", new URL(url), headers, null, HTTP));
  },

  // Validates a JWT as an API does (RFC 9068 §4).
  async validate(given) {
    const request = new Request(given.url, { headers: { authorization: `Bearer ${given.token}` } });
    return oauth.validateJwtAccessToken(await discover(given), request, given.audience, HTTP);
  },

  // Finds the authorization server from a refusal of the API (RFC 9728 §5).
  async follow({ url, issuer }) {
    const refusal = await oauth
      .protectedResourceRequest("nonsense", "GET", new URL(url), undefined, null, HTTP)
      .catch((error) => error);
    const [{ parameters }] = refusal.cause;
    const response = await fetch(parameters.resource_metadata);
    const resource = await oauth.processResourceDiscoveryResponse(new URL(issuer), response);
    const server = await discover({ issuer: resource.authorization_servers[0] });
    return { resource, server };
  },
});
