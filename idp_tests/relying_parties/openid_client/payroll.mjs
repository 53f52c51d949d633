// Payroll: the FAPI 2.0 Security Profile: pushed requests, private_key_jwt, and tokens bound to a key by DPoP (RFC 9449).

import * as client from "openid-client";
import { address, provider, serve } from "./serve.mjs";

const { kid, ...jwk } = JSON.parse(process.env.CLIENT_KEY);
const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
const config = await client.discovery(provider, "payroll", undefined, client.PrivateKeyJwt({ key, kid }), {
  execute: [client.enableNonRepudiationChecks],
});
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));

async function login(session) {
  session.code_verifier = client.randomPKCECodeVerifier();
  session.nonce = client.randomNonce();
  const parameters = {
    redirect_uri: `${address}/callback`,
    scope: "openid profile offline_access",
    nonce: session.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(session.code_verifier),
    code_challenge_method: "S256",
  };
  return (await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP })).href;
}

async function callback(session, url) {
  const checks = { pkceCodeVerifier: session.code_verifier, expectedNonce: session.nonce, idTokenExpected: true };
  session.tokens = await client.authorizationCodeGrant(config, url, checks, undefined, { DPoP });
  session.claims = session.tokens.claims();
  session.userinfo = await client.fetchUserInfo(config, session.tokens.access_token, session.claims.sub, { DPoP });
}

async function renew(session) {
  const renewed = await client.refreshTokenGrant(config, session.tokens.refresh_token, undefined, { DPoP });
  session.tokens = { ...session.tokens, ...renewed };
  session.userinfo = await client.fetchUserInfo(config, renewed.access_token, session.claims.sub, { DPoP });
}

async function logout(session) {
  return client.buildEndSessionUrl(config, {
    id_token_hint: session.tokens.id_token,
    post_logout_redirect_uri: `${address}/`,
  }).href;
}

serve({ login, callback, renew, logout });
