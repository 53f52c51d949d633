// Reports: a web application with a client secret (client_secret_basic) that pushes its requests (RFC 9126).

import * as client from "openid-client";
import { address, provider, serve } from "./serve.mjs";

const secret = client.ClientSecretBasic(process.env.CLIENT_SECRET);
const config = await client.discovery(provider, "reports", undefined, secret);

async function login(session) {
  session.code_verifier = client.randomPKCECodeVerifier();
  session.state = client.randomState();
  const location = await client.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: `${address}/callback`,
    scope: "openid profile",
    state: session.state,
    code_challenge: await client.calculatePKCECodeChallenge(session.code_verifier),
    code_challenge_method: "S256",
    max_age: "600",
  });
  return location.href;
}

async function callback(session, url) {
  session.tokens = await client.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: session.code_verifier,
    expectedState: session.state,
    maxAge: 600,
    idTokenExpected: true,
  });
  session.claims = session.tokens.claims();
  session.userinfo = await client.fetchUserInfo(config, session.tokens.access_token, session.claims.sub);
}

async function logout(session) {
  return client.buildEndSessionUrl(config, {
    id_token_hint: session.tokens.id_token,
    post_logout_redirect_uri: `${address}/`,
  }).href;
}

serve({ login, callback, logout });
