// The token is only in the memory of this module, and the page shows just its beginning.
const home = document.querySelector("#home");
const at = (id) => document.getElementById(id);
const buttons = home.querySelectorAll(".choices button");
const { orders, customer } = home.dataset;

let token = null;

const ATTEMPTS = {
  bearer: () => ({
    note: "The standard place (RFC 6750), and the first choice.",
    headers: { Authorization: `Bearer ${token}` },
  }),
  access_token: () => ({
    note: "Some servers drop a header with an underscore in its name. Then the answer is a 401.",
    headers: { access_token: token },
  }),
  hyphen: () => ({
    note: "The same header with a hyphen, which every server lets through.",
    headers: { "Access-Token": token },
  }),
  body: () => ({
    note: "A member of the JSON body. It does not become part of the record.",
    method: "PATCH",
    path: customer,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ access_token: token, country: "NL" }),
  }),
  url: () => ({
    note: "The last choice, because logs and histories keep URLs.",
    path: `${orders}&access_token=${token}`,
  }),
  none: () => ({ note: "The challenge says how to send a token, and names no error." }),
  wrong: () => ({
    note: "The challenge names the error.",
    headers: { Authorization: "Bearer tapat_wrong" },
  }),
  two: () => ({
    note: "A request may carry its token in one place only (RFC 6750, section 2).",
    path: `${orders}&access_token=${token}`,
    headers: { Authorization: `Bearer ${token}` },
  }),
};

const SHOWN_HEADERS = ["WWW-Authenticate", "Content-Type", "Cache-Control"];

async function getToken(event) {
  event.preventDefault();
  at("token").textContent = "";
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: at("client-id").value.trim(),
    client_secret: at("client-secret").value.trim(),
  });
  const answer = await send(home.dataset.token, { method: "POST", body });
  if (answer === null) {
    at("token").textContent = "The server cannot be reached.";
    return;
  }
  const said = await answer.json();
  if (answer.ok) {
    token = said.access_token;
    const minutes = Math.round(said.expires_in / 60);
    at("token").textContent = `You have a token, ${shorten(token)}, for ${minutes} minutes.`;
    buttons.forEach((button) => (button.disabled = false));
  } else {
    at("token").textContent = `No token: ${said.error_description ?? said.error}`;
  }
}

async function attempt(pressed) {
  const { note, method = "GET", path = orders, headers = {}, body } = ATTEMPTS[pressed.value]();
  const answer = await send(path, { method, headers, body });
  at("note").textContent = note;
  at("request").textContent = hideToken(message(`${method} ${path}`, Object.entries(headers), body));
  at("answer").textContent = answer === null ? "The server cannot be reached." : await describe(answer);
  buttons.forEach((button) => button.setAttribute("aria-current", button === pressed));
  at("exchange").hidden = false;
  at("exchange").scrollIntoView({ block: "nearest" });
}

async function describe(answer) {
  const headers = SHOWN_HEADERS.map((name) => [name, answer.headers.get(name)]);
  const text = await answer.text();
  const isJson = answer.headers.get("Content-Type") === "application/json";
  const body = isJson ? JSON.stringify(JSON.parse(text), null, 2) : text;
  const present = headers.filter(([, value]) => value !== null);
  return message(`${answer.status} ${answer.statusText}`, present, body);
}

async function send(path, request) {
  try {
    return await fetch(path, { cache: "no-store", ...request });
  } catch {
    return null;
  }
}

function message(first, headers, body) {
  const lines = [first, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return lines.join("\n") + (body ? `\n\n${body}` : "");
}

function shorten(secret) {
  return `${secret.slice(0, 10)}…`;
}

function hideToken(text) {
  return token ? text.replaceAll(token, shorten(token)) : text;
}

at("credentials").addEventListener("submit", getToken);
buttons.forEach((button) => button.addEventListener("click", () => attempt(button)));
