// What both explorer pages have in common. A token is only in the memory of a module.
const root = document.querySelector("#explorer");
const at = (id) => document.getElementById(id);
const descriptions = JSON.parse(root.dataset.scopes);
const KEPT = "explorer-request";

let token = null;
let expiresAt = 0;
let clock;

export const settings = root.dataset;
export const redirectUri = location.origin + location.pathname;

export function show(message) {
  at("message").textContent = message;
}

/**
 * Send the browser to the authorization server.
 *
 * The page ends here, so what must outlive it is in sessionStorage until the answer:
 * other tabs and other origins cannot read it there.
 */
export function leave(parameters, secrets = {}) {
  const state = crypto.randomUUID();
  sessionStorage.setItem(KEPT, JSON.stringify({ state, ...secrets }));
  const request = new URLSearchParams({
    client_id: settings.clientId,
    redirect_uri: redirectUri,
    scope: Object.keys(descriptions).join(" "),
    state,
    ...parameters,
  });
  location.assign(`${settings.authorize}?${request}`);
}

/** Return what was kept if the answer is one to a request of this page, and no error. */
export function check(answer) {
  history.replaceState(null, "", location.pathname);
  const kept = JSON.parse(sessionStorage.getItem(KEPT));
  sessionStorage.removeItem(KEPT);
  if (kept === null || answer.get("state") !== kept.state) {
    show("The answer does not belong to a request of this page. Please sign in again.");
  } else if (answer.get("iss") !== location.origin) {
    show("The answer came from another server. Please sign in again.");
  } else if (answer.get("error") === "access_denied") {
    show("You did not let this page read anything.");
  } else if (answer.has("error")) {
    show(`Signing in failed: ${answer.get("error_description") ?? answer.get("error")}`);
  } else {
    return kept;
  }
  return null;
}

/** Use this token from now on, and call `whenExpired` in time. */
export function useToken(received, whenExpired) {
  token = received.access_token;
  expiresAt = Date.now() + 1000 * Number(received.expires_in);
  const allowed = received.scope.split(" ");
  at("scopes").replaceChildren(...allowed.map((scope) => cell("li", descriptions[scope] ?? scope)));
  at("signed-out").hidden = true;
  at("signed-in").hidden = false;
  clearInterval(clock);
  clock = setInterval(tick, 250);
  tick();
  load();

  function tick() {
    const seconds = Math.max(0, Math.ceil((expiresAt - Date.now()) / 1000));
    at("seconds").textContent = seconds;
    if (seconds > 0) return;
    clearInterval(clock);
    whenExpired();
  }
}

export function showSignedOut(message) {
  token = null;
  clearInterval(clock);
  at("signed-in").hidden = true;
  at("signed-out").hidden = false;
  root.querySelector("thead").replaceChildren();
  root.querySelector("tbody").replaceChildren();
  show(message);
  at("sign-in").focus();
}

export const showExpired = () => showSignedOut("Your permission has expired. Please sign in again.");

/** Post to an endpoint as this public client. */
export function post(endpoint, parameters) {
  const body = new URLSearchParams({ client_id: settings.clientId, ...parameters });
  return fetch(endpoint, { method: "POST", body });
}

/** End what this token allows: of a refresh token, all that came of the sign-in. */
export async function revoke(it) {
  const answer = await post(settings.revoke, { token: it }).catch(() => null);
  if (answer?.ok) showSignedOut("You are signed out, and the token is revoked.");
  else show("Signing out failed. Please try again.");
}

async function load() {
  const collection = at("collection").value;
  const answer = await fetch(`${settings.api}${collection}?limit=10`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  if (answer.status === 401) {
    showExpired();
    return;
  }
  if (!answer.ok) {
    show(`The ${collection} cannot be read at the moment.`);
    return;
  }
  const { data, total } = await answer.json();
  const names = Object.keys(data[0] ?? {});
  at("caption").textContent = `${data.length} of ${total.count} ${collection}`;
  const heads = names.map((name) => cell("th", name));
  heads.forEach((head) => (head.scope = "col"));
  root.querySelector("thead").replaceChildren(row(heads));
  const rows = data.map((record) => row(names.map((name) => cell("td", record[name]))));
  root.querySelector("tbody").replaceChildren(...rows);
  show("");
}

function cell(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function row(cells) {
  const element = document.createElement("tr");
  element.append(...cells);
  return element;
}

export function onClick(id, act) {
  at(id).addEventListener("click", act);
}

at("collection").addEventListener("change", load);
