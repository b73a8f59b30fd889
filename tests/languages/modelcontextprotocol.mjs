// Does tasks with the MCP SDK for JavaScript, from the server's URL alone.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import {
  ClientCredentialsProvider,
  PrivateKeyJwtProvider,
} from "@modelcontextprotocol/sdk/client/auth-extensions.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { run } from "./tasks.mjs";

/** What a host keeps for the person's sign-in, as the SDK asks for it. */
class Person {
  constructor({ client, back }) {
    this.clientId = client.client_id;
    this.redirectUrl = back;
    this.saved = [];
  }

  clientMetadata = { token_endpoint_auth_method: "none" };
  state = () => crypto.randomUUID();
  clientInformation = () => ({ client_id: this.clientId });
  tokens = () => this.saved.at(-1);
  saveTokens = (tokens) => void this.saved.push(tokens);
  saveCodeVerifier = (verifier) => void (this.verifier = verifier);
  codeVerifier = () => this.verifier;
  redirectToAuthorization = (url) => void (this.url = url.href);
}

async function call(url, authProvider) {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider }));
  const { tools } = await client.listTools();
  const found = await client.callTool({
    name: "find_customers",
    arguments: { name: "Ada", country: "DE" },
  });
  await client.close();
  const customers = found.structuredContent.data.map(({ name }) => name);
  return { tools: tools.map(({ name }) => name), customers };
}

let person;

await run({
  // Returns where the person's browser goes.
  async begin(given) {
    person = new Person(given);
    try {
      await call(given.url, person);
    } catch (error) {
      if (error instanceof UnauthorizedError) return { url: person.url };
      throw error;
    }
  },

  async finish({ url, answer }) {
    const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: person });
    await transport.finishAuth(new URL(answer).searchParams.get("code"));
    return call(url, person);
  },

  // The access token is worth nothing any more, the refresh token is.
  async callAfterExpiry({ url }) {
    person.saved.push({ ...person.tokens(), access_token: "expired" });
    return { ...(await call(url, person)), tokens: person.saved };
  },

  async callWithSecret({ url, issuer, client }) {
    const provider = new ClientCredentialsProvider({
      clientId: client.client_id,
      clientSecret: client.client_secret,
      expectedIssuer: issuer,
    });
    return call(url, provider);
  },

  async callWithKey({ url, issuer, client }) {
    const { kid, ...privateKey } = client.keys.ES256;
    const provider = new PrivateKeyJwtProvider({
      clientId: client.client_id,
      privateKey,
      algorithm: "ES256",
      expectedIssuer: issuer,
    });
    return call(url, provider);
  },
});
