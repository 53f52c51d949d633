// Lounge: an Express application whose people log in with Auth.js.
import { ExpressAuth, getSession } from "@auth/express";
import express from "express";

const config = {
  secret: process.env.AUTH_SECRET,
  trustHost: true,
  providers: [
    {
      id: "prezero",
      name: "PreZero",
      type: "oidc",
      issuer: process.env.ISSUER,
      clientId: "lounge",
      clientSecret: process.env.CLIENT_SECRET,
      checks: ["pkce", "state", "nonce"],
      authorization: { params: { scope: "openid profile email" } },
      idToken: false, // name and e-mail are in UserInfo
      profile: (claims) => ({
        id: claims.sub,
        name: claims.name,
        email: claims.email_verified ? claims.email : null,
      }),
    },
  ],
};

const app = express();
app.use("/auth", ExpressAuth(config));
app.get("/", async (request, response) => response.json((await getSession(request, config)) ?? {}));
app.listen(process.env.PORT, "localhost");
