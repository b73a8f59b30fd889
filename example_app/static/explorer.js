// The token is only in the memory of this module: not in storage, not in the address bar.
const root = document.querySelector("#explorer");
const at = (id) => document.getElementById(id);
const STATE = "explorer-state";

let token = null;
let expiresAt = 0;
let clock;

function show(message) {
  at("message").textContent = message;
}

function signIn() {
  const state = crypto.randomUUID();
  sessionStorage.setItem(STATE, state);
  const request = new URLSearchParams({
    response_type: "token",
    client_id: root.dataset.clientId,
    redirect_uri: location.origin + location.pathname,
    scope: Object.keys(JSON.parse(root.dataset.scopes)).join(" "),
    state,
  });
  location.assign(`${root.dataset.authorize}?${request}`);
}

function takeAnswer() {
  const answer = new URLSearchParams(location.hash.slice(1));
  if (!answer.has("access_token") && !answer.has("error")) return;
  history.replaceState(null, "", location.pathname);
  const expected = sessionStorage.getItem(STATE);
  sessionStorage.removeItem(STATE);
  if (!expected || answer.get("state") !== expected) {
    show("The answer does not belong to a request of this page. Please sign in again.");
  } else if (answer.get("iss") !== location.origin) {
    show("The answer came from another server. Please sign in again.");
  } else if (answer.get("error") === "access_denied") {
    show("You did not let this page read anything.");
  } else if (answer.has("error")) {
    show(`Signing in failed: ${answer.get("error_description") ?? answer.get("error")}`);
  } else {
    token = answer.get("access_token");
    expiresAt = Date.now() + 1000 * Number(answer.get("expires_in"));
    showSignedIn(answer.get("scope").split(" "));
  }
}

function showSignedIn(scopes) {
  const descriptions = JSON.parse(root.dataset.scopes);
  at("scopes").replaceChildren(...scopes.map((scope) => cell("li", descriptions[scope] ?? scope)));
  at("signed-out").hidden = true;
  at("signed-in").hidden = false;
  clock = setInterval(tick, 250);
  tick();
  load();
}

function showSignedOut(message) {
  token = null;
  clearInterval(clock);
  at("signed-in").hidden = true;
  at("signed-out").hidden = false;
  root.querySelector("thead").replaceChildren();
  root.querySelector("tbody").replaceChildren();
  show(message);
  at("sign-in").focus();
}

function tick() {
  const seconds = Math.max(0, Math.ceil((expiresAt - Date.now()) / 1000));
  at("seconds").textContent = seconds;
  if (seconds === 0) showSignedOut("Your permission has expired. Please sign in again.");
}

async function load() {
  const collection = at("collection").value;
  const answer = await fetch(`${root.dataset.api}${collection}?limit=10`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  if (answer.status === 401) {
    showSignedOut("Your permission has expired. Please sign in again.");
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

async function signOut() {
  const body = new URLSearchParams({ client_id: root.dataset.clientId, token });
  const answer = await fetch(root.dataset.revoke, { method: "POST", body });
  if (answer.ok) showSignedOut("You are signed out, and the token is revoked.");
  else show("Signing out failed. Please try again.");
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

at("sign-in").addEventListener("click", signIn);
at("sign-out").addEventListener("click", signOut);
at("collection").addEventListener("change", load);
takeAnswer();
