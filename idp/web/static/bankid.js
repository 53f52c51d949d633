// The BankID page: starts the order, asks once a second what to show while the page is seen, and swaps it in.
// What is shown in which state is the server's to say (core/identification/bankid/screen.py); the page is complete without this.

const POLL_MS = 1000;
const ANSWER_MS = 8000;
const PROBE_MS = 1000;
const HIDDEN_STOP_MS = 60_000;
const MOST_BACKOFF_MS = 8000;
const APP_SHOULD_BE_OPEN_MS = 3000;
const LAUNCH_WINDOW_MS = 20_000;
const MOST_QUIET_RESTARTS = 5;
const MOST_BROKEN_ANSWERS = 3;
const LOOP_MS = 10_000;
const QUIET_ZONE = 4;
const SVG = "http://www.w3.org/2000/svg";

const root = document.getElementById("bankid");
const part = (id) => document.getElementById(id);
const words = root.dataset;
const whileStarting = JSON.parse(words.starting);

const page = {
  screen: { state: words.state, launch: words.launch },
  busy: false, // an order is being asked for
  leaving: false,
  pollTimer: null,
  backoff: 0,
  broken: 0,
  hiddenSince: null,
  secondsLeft: null,
  startedBefore: false,
  openTapped: false,
  wentAway: false, // after that tap, to the app
  cameBack: false,
  quiet: false, // the order under way succeeds one that nobody took up
  openWhenReady: false, // the person pressed for the app on this device
  startedAt: 0,
  quietRestarts: 0,
};

// --- what is shown ---------------------------------------------------------------------------------------------------

// A translated page has other words in its place; what we said last is known here, so that nothing is said twice.
const said = new Map();

function say(id, text) {
  const element = part(id);
  if ((said.get(id) ?? element.textContent) !== text) element.textContent = text;
  said.set(id, text);
}

function show(id, visible) {
  const element = part(id);
  if (element && element.hidden === visible) element.hidden = !visible;
}

function dim(element, old) {
  element.classList.toggle("is-old", old);
}

// The modules come from the server, row by row, four in each digit.
function path(digits) {
  const bits = Array.from(digits, (digit) => parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
  const size = Math.floor(Math.sqrt(bits.length));
  const modules = bits.slice(bits.length - size * size);
  let drawn = "";
  for (let y = 0; y < size; y += 1) {
    for (const { 0: run, index } of modules.slice(y * size, (y + 1) * size).matchAll(/1+/g)) {
      drawn += `M${index + QUIET_ZONE} ${y + QUIET_ZONE}h${run.length}v1h-${run.length}z`;
    }
  }
  return { drawn, width: size + 2 * QUIET_ZONE };
}

function drawCode(screen) {
  const box = part("bankid-qr");
  if (box.dataset.qr === (screen.qr ?? "") && (!screen.qr || box.querySelector("svg"))) return;
  box.dataset.qr = screen.qr ?? "";
  if (!screen.modules) {
    box.replaceChildren();
    return;
  }
  const { drawn, width } = path(screen.modules);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${width}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("aria-hidden", "true");
  const paper = document.createElementNS(SVG, "rect");
  paper.setAttribute("width", width);
  paper.setAttribute("height", width);
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", drawn);
  svg.append(paper, shape);
  box.replaceChildren(svg);
}

// The picture stays in its place, but it is no code any more.
function spoilCode() {
  const box = part("bankid-qr");
  box.dataset.qr = "";
  dim(box, true);
  say("bankid-countdown", "");
}

function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}

// Nobody has scanned the code, or tapped the link, and its successor is on its way: until then all keeps its place.
function isRenewing(screen) {
  if (screen.launch === "same_device") return screen.state === "starting" && page.quiet && !part("bankid-open-row").hidden;
  return Boolean(screen.renewing) && part("bankid-qr").querySelector("svg") !== null;
}

// The seconds are for the eye; the ear hears of them twice: at ten, and when a new code has come.
function countDown(secondsLeft) {
  const shown = typeof secondsLeft === "number";
  say("bankid-countdown", shown ? words.textCountdown.replace("__TIME__", clock(secondsLeft)) : "");
  const before = page.secondsLeft;
  page.secondsLeft = shown ? secondsLeft : null;
  if (!shown) say("bankid-aside", "");
  if (!shown || before === null) return;
  if (before > 10 && secondsLeft <= 10) say("bankid-aside", words.textTenSeconds);
  if (secondsLeft > before + 2) say("bankid-aside", words.textNewCode);
}

function showButton(name, button) {
  const form = part(`bankid-${name}-form`);
  show(form.id, Boolean(button));
  if (!button) return;
  form.classList.remove("until-script");
  form.elements.launch.value = button.launch;
  say(`bankid-${name}`, button.label);
}

function showOpen(url) {
  const link = part("bankid-open");
  if (url) link.href = url;
  else link.removeAttribute("href");
  show("bankid-open-row", Boolean(url));
  if (!url) show("bankid-not-opened", false);
}

function showFailure(screen) {
  const failed = screen.state === "failed";
  const fresh = failed && part("bankid-failure").hidden;
  say("bankid-failure-text", failed ? screen.message : "");
  say("bankid-failure-code", screen.code ?? "");
  show("bankid-failure-facts", Boolean(failed && screen.code));
  show("bankid-failure", failed);
  show("bankid-waiting", !failed);
  document.title = failed ? words.titleFailed : words.title;
  if (fresh) part("bankid-failure").focus();
}

function showMessage(screen) {
  const tapped = Boolean(screen.open_url) && page.openTapped;
  const message = tapped ? (page.cameBack ? words.textInProgress : words.textOpening) : screen.message;
  say("bankid-message", screen.state === "failed" ? "" : message);
  show("bankid-pulse", Boolean(screen.busy) || tapped);
}

function render(screen) {
  const renewing = isRenewing(screen);
  page.screen = screen;
  root.dataset.state = screen.state;
  root.dataset.launch = screen.launch;
  const link = part("bankid-open");
  dim(link, renewing);
  link.toggleAttribute("aria-disabled", renewing);
  if (renewing) link.setAttribute("aria-disabled", "true");
  showFailure(screen);
  if (renewing) {
    spoilCode();
    return;
  }
  if (screen.state !== "starting") page.quiet = false;
  drawCode(screen);
  dim(part("bankid-qr"), false);
  show("bankid-qr-panel", Boolean(screen.panel));
  countDown(screen.qr ? screen.seconds_left : undefined);
  showMessage(screen);
  showOpen(screen.open_url);
  showButton("start", screen.start);
  showButton("other", screen.other);
  show("bankid-link", Boolean(screen.offers_link));
}

// --- what is asked ---------------------------------------------------------------------------------------------------

function goOn(address) {
  if (page.leaving) return;
  page.leaving = true;
  clearTimeout(page.pollTimer);
  window.location.assign(address);
}

function offline() {
  page.backoff = Math.min(page.backoff ? page.backoff * 2 : POLL_MS, MOST_BACKOFF_MS);
  show("bankid-failure", false);
  show("bankid-waiting", true);
  say("bankid-message", words.textOffline);
  spoilCode();
  return page.backoff;
}

// A browser may withhold its storage; then there is no such guard, and no harm without a fault of ours.
function wasDoneBefore(order) {
  try {
    const key = `bankid done ${order}`;
    const last = Number(sessionStorage.getItem(key) || 0);
    sessionStorage.setItem(key, String(Date.now()));
    return Date.now() - last < LOOP_MS;
  } catch {
    return false;
  }
}

function somethingWrong() {
  const { launch } = page.screen;
  return { state: "failed", launch, message: words.textFailed, start: { label: words.labelRetry, launch } };
}

// The server has the right page. The address remembers that this was tried, so that it cannot become a loop.
function reload() {
  const here = new URL(window.location.href);
  if (here.searchParams.has("reloaded")) return false;
  here.searchParams.set("reloaded", "1");
  page.leaving = true;
  clearTimeout(page.pollTimer);
  window.location.replace(here);
  return true;
}

function forgetReload() {
  const here = new URL(window.location.href);
  if (!here.searchParams.has("reloaded")) return;
  here.searchParams.delete("reloaded");
  window.history.replaceState(null, "", here);
}

// Anything that is not our JSON means that the page is out of date.
async function answer(response) {
  const type = response.headers.get("Content-Type") || "";
  const refused = response.status === 429 && type.includes("application/json"); // by us, in words; others' are passing
  page.broken = response.status === 500 ? page.broken + 1 : 0;
  if (page.broken >= MOST_BROKEN_ANSWERS && reload()) return null; // to the page that has an error code
  if ((response.status === 429 && !refused) || response.status >= 500) throw new Error("try again later");
  if (!(response.ok || refused) || !type.includes("application/json")) return reload() ? null : somethingWrong();
  const screen = await response.json();
  const ofAnotherRelease = screen.release !== undefined && screen.release !== words.release;
  return ofAnotherRelease && reload() ? null : screen;
}

function ask(address, more) {
  return fetch(address, {
    credentials: "same-origin",
    cache: "no-store",
    signal: AbortSignal.timeout?.(ANSWER_MS),
    headers: { Accept: "application/json", "X-CSRF-Token": words.csrfToken },
    ...more,
  });
}

// A computer has an address of each kind, and BankID may see another than we do: other host names tell the page the others.
async function seenAddresses(launch) {
  if (launch !== "same_device" || !words.question) return [];
  const probe = async (host) => {
    const body = new URLSearchParams({ question: words.question });
    const told = await fetch(`${host}/address-probe`, { method: "POST", body, signal: AbortSignal.timeout?.(PROBE_MS) });
    return (await told.json()).answer;
  };
  const answers = await Promise.allSettled(words.probes.split(" ").map(probe));
  return answers.flatMap(({ value }) => (value ? [["seen_address", value]] : []));
}

async function start(launch, quiet = false) {
  if (page.busy || page.leaving) return;
  Object.assign(page, { busy: true, startedBefore: true, openTapped: false, quiet, startedAt: Date.now() });
  clearTimeout(page.pollTimer);
  render(whileStarting[launch]);
  let wait = 0;
  try {
    const body = new URLSearchParams([
      ["launch", launch],
      ["csrf_token", words.csrfToken],
      ["touch_points", String(navigator.maxTouchPoints || 0)],
      ...(await seenAddresses(launch)),
    ]);
    const screen = await answer(await ask(words.startUrl, { method: "POST", body }));
    page.backoff = 0;
    page.busy = false;
    if (screen?.state === "failed") {
      render(screen);
      return;
    }
  } catch {
    wait = offline();
  }
  page.busy = false;
  schedule(wait);
}

async function poll() {
  page.pollTimer = null;
  if (page.busy || page.leaving || restsNow()) return;
  page.busy = true;
  let wait = POLL_MS;
  let screen = null;
  try {
    screen = await answer(await ask(words.statusUrl));
    page.backoff = 0;
  } catch {
    wait = offline();
  }
  page.busy = false;
  if (screen) take(screen);
  if (wait !== POLL_MS || ["starting", "pending", "returning", "complete"].includes(page.screen.state)) schedule(wait);
}

function take(screen) {
  if (screen.state !== "idle") forgetReload();
  if (shouldRestartQuietly(screen)) {
    page.quietRestarts += 1;
    start(page.screen.launch, true);
    return;
  }
  if (screen.next && screen.order && !page.leaving && wasDoneBefore(screen.order)) {
    render(somethingWrong());
    return;
  }
  render(screen);
  if (screen.next) goOn(screen.next);
  else if (screen.state === "idle" && mayStartAlone()) start(screen.launch);
  else openScheme(screen);
}

// A link that nobody has tapped runs out after half a minute: that is no failure of the person's, so a new one is made.
function shouldRestartQuietly(screen) {
  return (
    screen.state === "failed" &&
    screen.start?.launch === "same_device" &&
    page.screen.state === "pending" &&
    page.screen.launch === "same_device" &&
    !page.openTapped &&
    words.autoStart === "true" &&
    Date.now() - page.startedAt > LAUNCH_WINDOW_MS &&
    page.quietRestarts < MOST_QUIET_RESTARTS &&
    document.visibilityState === "visible"
  );
}

// On a computer the app's own scheme can be opened at once; an https link must be tapped by the person.
function openScheme(screen) {
  if (!page.openWhenReady || !screen.open_url) return;
  page.openWhenReady = false;
  if (screen.open_url.startsWith("bankid:")) {
    window.location.assign(screen.open_url);
    appShouldOpen();
  } else {
    part("bankid-open").focus();
  }
}

function appShouldOpen() {
  Object.assign(page, { openTapped: true, wentAway: false, cameBack: false });
  showMessage(page.screen);
  setTimeout(() => {
    const waiting = page.screen.state === "pending" && Boolean(page.screen.open_url);
    show("bankid-not-opened", waiting && document.visibilityState === "visible" && !part("bankid-open-row").hidden);
  }, APP_SHOULD_BE_OPEN_MS);
}

// --- when ------------------------------------------------------------------------------------------------------------

// Once: an order that is gone after it was started is for the person to start again, or pages would make orders without end.
function mayStartAlone() {
  return words.autoStart === "true" && document.visibilityState === "visible" && !page.startedBefore;
}

function restsNow() {
  return page.hiddenSince !== null && Date.now() - page.hiddenSince > HIDDEN_STOP_MS;
}

function schedule(wait) {
  clearTimeout(page.pollTimer);
  if (!page.leaving) page.pollTimer = setTimeout(poll, wait);
}

function wake() {
  page.hiddenSince = document.visibilityState === "hidden" ? (page.hiddenSince ?? Date.now()) : null;
  if (page.openTapped && page.hiddenSince !== null) page.wentAway = true;
  if (page.wentAway && page.hiddenSince === null) page.cameBack = true;
  if (page.hiddenSince === null) {
    page.backoff = 0;
    schedule(0);
  }
}

function listen() {
  ["bankid-start-form", "bankid-other-form"].forEach((id) => {
    part(id).addEventListener("submit", (event) => {
      event.preventDefault();
      const launch = event.currentTarget.elements.launch.value;
      page.quietRestarts = 0;
      page.openWhenReady = launch === "same_device";
      // The pressed button goes away or becomes another one: the focus must not fall to the top of the page.
      document.querySelector("h1").focus();
      start(launch);
    });
  });
  part("bankid-open").addEventListener("click", (event) => {
    if (event.currentTarget.getAttribute("aria-disabled") === "true") event.preventDefault();
    else appShouldOpen();
  });
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  window.addEventListener("offline", () => {
    if (page.screen.state !== "idle" && page.screen.state !== "failed") offline();
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    page.leaving = false;
    page.busy = false;
    wake();
  });
}

function watchTheCode() {
  if (!("IntersectionObserver" in window)) return;
  new IntersectionObserver(
    ([entry]) => {
      const isShown = !part("bankid-qr-panel").hidden && part("bankid-qr").dataset.qr !== "";
      show("bankid-off-screen", isShown && entry.intersectionRatio < 0.98);
    },
    { threshold: [0, 0.5, 0.98, 1] },
  ).observe(part("bankid-qr"));
}

function begin() {
  if (!new URL(import.meta.url).pathname.startsWith(`${words.release}/`) && reload()) return;
  listen();
  watchTheCode();
  root.dataset.script = "yes"; // from here on the page needs nothing of what is there for browsers without script
  if (document.visibilityState === "hidden") page.hiddenSince = Date.now();
  if (page.screen.state === "idle" && mayStartAlone()) start(page.screen.launch);
  else if (page.screen.state !== "idle" || words.autoStart === "true") schedule(0);
}

begin();
