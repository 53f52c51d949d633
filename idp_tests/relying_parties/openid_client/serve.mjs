// A web server around one relying party: /login, /callback, /renewed, /logout and the start page, which shows who is here.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";

const sessions = new Map();

export const address = process.env.ADDRESS; // http://localhost:<port>
export const provider = new URL(process.env.ISSUER);

export function serve(party) {
  const { port } = new URL(address);
  const cookie = `session_${port}`;

  createServer(async (request, response) => {
    const asked = new URL(request.url, address);
    const known = new RegExp(`${cookie}=([^;]+)`).exec(request.headers.cookie ?? "")?.[1];
    const id = known && sessions.has(known) ? known : randomUUID();
    if (id !== known) sessions.set(id, {});
    const session = sessions.get(id);
    response.setHeader("Set-Cookie", `${cookie}=${id}; HttpOnly; Path=/; SameSite=Lax`);
    const goTo = (location) => response.writeHead(303, { Location: location }).end();
    const show = (status, body) =>
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    try {
      switch (asked.pathname) {
        case "/login":
          return goTo(await party.login(session));
        case "/callback":
          await party.callback(session, asked);
          return goTo("/");
        case "/renewed":
          await party.renew(session);
          return goTo("/");
        case "/logout": {
          const location = await party.logout(session);
          sessions.delete(id);
          return goTo(location);
        }
        default:
          return show(200, { claims: session.claims ?? null, userinfo: session.userinfo ?? null, tokens: session.tokens ?? null });
      }
    } catch (problem) {
      return show(502, { problem: `${problem.name}: ${problem.message}`, code: problem.code, error: problem.error, cause: String(problem.cause) });
    }
  }).listen(Number(port), "localhost", () => console.log("ready"));
}
