// Booking: a web application that proves itself with a key (private_key_jwt) and stays logged in by refresh tokens.

import * as client from "openid-client";
import { address, provider, serve } from "./serve.mjs";

const { kid, ...jwk } = JSON.parse(process.env.CLIENT_KEY);
const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
const config = await client.discovery(provider, "booking", undefined, client.PrivateKeyJwt({ key, kid }));

async function login(session) {
  session.code_verifier = client.randomPKCECodeVerifier();
  session.state = client.randomState();
  session.nonce = client.randomNonce();
  return client.buildAuthorizationUrl(config, {
    redirect_uri: `${address}/callback`,
    scope: "openid profile offline_access",
    state: session.state,
    nonce: session.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(session.code_verifier),
    code_challenge_method: "S256",
  }).href;
}

async function callback(session, url) {
  session.tokens = await client.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: session.code_verifier,
    expectedState: session.state,
    expectedNonce: session.nonce,
    idTokenExpected: true,
  });
  session.claims = session.tokens.claims();
  session.userinfo = await client.fetchUserInfo(config, session.tokens.access_token, session.claims.sub);
}

async function renew(session) {
  const renewed = await client.refreshTokenGrant(config, session.tokens.refresh_token);
  session.tokens = { ...session.tokens, ...renewed };
  session.userinfo = await client.fetchUserInfo(config, renewed.access_token, session.claims.sub);
}

async function logout(session) {
  await client.tokenRevocation(config, session.tokens.refresh_token);
  return client.buildEndSessionUrl(config, {
    id_token_hint: session.tokens.id_token,
    post_logout_redirect_uri: `${address}/`,
  }).href;
}

serve({ login, callback, renew, logout });
