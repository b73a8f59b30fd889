// Reads tasks from standard input and prints their results, one JSON object per line.

import { createInterface } from "node:readline";

const TIME_LIMIT = 60_000; // milliseconds per task

const WEB_CRYPTO = {
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  ES384: { name: "ECDSA", namedCurve: "P-384" },
  Ed25519: { name: "Ed25519" },
  EdDSA: { name: "Ed25519" },
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  PS256: { name: "RSA-PSS", hash: "SHA-256" },
};

/** Do tasks until standard input ends. */
export async function run(tasks) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { task, ...given } = JSON.parse(line);
    const hung = setTimeout(() => process.exit(1), TIME_LIMIT);
    console.log(JSON.stringify(await attempt(() => tasks[task](given))));
    clearTimeout(hung);
  }
}

/** Return the result of a task, the server's refusal, or the fault that the library found. */
async function attempt(task) {
  try {
    return { done: (await task()) ?? null };
  } catch (error) {
    if (!error.response) return { fault: error.stack, cause: String(error.cause) };
    const challenges = Array.isArray(error.cause) ? error.cause : [];
    return { refused: { status: error.status, error: error.error, challenges } };
  }
}

/** Return the client's authentication, made by functions of the library. */
export async function authentication(library, { client, method }) {
  if (method in WEB_CRYPTO) {
    const { kid, ...jwk } = client.keys[method];
    const key = await crypto.subtle.importKey("jwk", jwk, WEB_CRYPTO[method], false, ["sign"]);
    // Both libraries send Ed25519, the name of RFC 9864; other libraries send EdDSA.
    const rename = (header) => {
      if (method === "EdDSA") header.alg = "EdDSA";
    };
    return library.PrivateKeyJwt({ key, kid }, { [library.modifyAssertion]: rename });
  }
  if (method === "none") return library.None();
  const by = { client_secret_basic: "ClientSecretBasic", client_secret_post: "ClientSecretPost" };
  return library[by[method]](client.client_secret);
}

export async function read(response) {
  return { status: response.status, body: await response.json() };
}
