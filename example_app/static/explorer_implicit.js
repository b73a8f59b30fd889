// Signs in with the implicit grant (RFC 6749 §4.2): the token comes in the address.
import * as page from "./explorer_page.js";

let token = null;

function takeAnswer() {
  const answer = new URLSearchParams(location.hash.slice(1));
  if (!answer.has("access_token") && !answer.has("error")) return;
  if (page.check(answer) === null) return;
  token = answer.get("access_token");
  page.useToken(Object.fromEntries(answer), page.showExpired);
}

page.onClick("sign-in", () => page.leave({ response_type: "token" }));
page.onClick("sign-out", () => page.revoke(token));
takeAnswer();
