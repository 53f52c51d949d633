// Planner: a single-page application. It has no server and no secret; PKCE protects the login, CORS lets it fetch tokens.

const { issuer } = await (await fetch("/settings.json")).json();

const manager = new oidc.UserManager({
  authority: issuer,
  client_id: "planner",
  redirect_uri: `${location.origin}/callback`,
  post_logout_redirect_uri: `${location.origin}/`,
  scope: "openid profile offline_access",
  loadUserInfo: true,
  automaticSilentRenew: false, // true in an application; here a button does it
  revokeTokensOnSignout: true,
});

if (location.pathname === "/callback") {
  await manager.signinCallback().catch(tell);
  history.replaceState({}, "", "/");
}

function tell(problem) {
  document.getElementById("told").textContent = JSON.stringify({ problem: String(problem) });
}

async function show() {
  const user = await manager.getUser();
  if (!user) return;
  document.getElementById("who").textContent = user.profile.name;
  document.getElementById("told").textContent = JSON.stringify({ profile: user.profile, access_token: user.access_token });
}

document.getElementById("login").onclick = () => manager.signinRedirect().catch(tell);
document.getElementById("renew").onclick = () => manager.signinSilent().then(show, tell);
document.getElementById("logout").onclick = () => manager.signoutRedirect().catch(tell);
await show();
document.body.dataset.ready = "yes";
