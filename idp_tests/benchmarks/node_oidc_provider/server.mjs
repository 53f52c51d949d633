// node-oidc-provider as a peer of the benchmarks: one client, one person who agrees to everything, ES256 or RS256.
// node server.mjs PORT ALG [POSTGRES_ADDRESS]; without an address everything is kept in a Map.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider from 'oidc-provider';
import { MapAdapter, postgresAdapter } from './adapters.mjs';

const [port, alg, address] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;

const provider = new Provider(issuer, {
  adapter: address ? await postgresAdapter(address) : MapAdapter,
  clients: [{
    client_id: 'bench',
    client_secret: process.env.CLIENT_SECRET,
    redirect_uris: ['https://rp.example/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    id_token_signed_response_alg: alg,
    token_endpoint_auth_method: 'client_secret_basic',
    scope: 'openid profile email phone offline_access',
  }],
  jwks: {
    keys: [
      { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256' },
      { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' },
    ],
  },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  claims: { openid: ['sub'], profile: ['name', 'given_name', 'family_name'], email: ['email', 'email_verified'], phone: ['phone_number'] },
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    revocation: { enabled: true },
  },
  pkce: { required: () => true },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: () => true,
  rotateRefreshToken: false,
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({
      sub, name: 'Anna Andersson', given_name: 'Anna', family_name: 'Andersson',
      email: 'anna@example.com', email_verified: true, phone_number: '+46701234567',
    }),
  }),
  ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 300, RefreshToken: 86400, Grant: 86400, Interaction: 600, Session: 86400 },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const { prompt, params, session } = await provider.interactionDetails(ctx.req, ctx.res);
  if (prompt.name === 'login') {
    return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: 'anna' } });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return provider.interactionFinished(ctx.req, ctx.res, { consent: { grantId: await grant.save() } });
});

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
