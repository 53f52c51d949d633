// The BankID page: starts the order, asks for its state once a second while the page is seen, and shows what it hears.

import { path, width } from "./qr.js";

const POLL_MS = 1000;
const HIDDEN_STOP_MS = 60_000;
const MOST_BACKOFF_MS = 8000;
const APP_SHOULD_BE_OPEN_MS = 3000;
const LAUNCH_WINDOW_MS = 20_000;
const MOST_QUIET_RESTARTS = 5;
const LOOP_MS = 10_000;
const PROBE_MS = 1000;
const SVG = "http://www.w3.org/2000/svg";

const root = document.getElementById("bankid");
const part = (id) => document.getElementById(id);
const words = root.dataset;

const page = {
  state: words.state,
  launch: words.launch,
  busy: false, // an order is being asked for
  leaving: false,
  pollTimer: null,
  backoff: 0,
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

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function show(id, visible) {
  const element = part(id);
  if (element && element.hidden === visible) element.hidden = !visible;
}

function drawQr(frame) {
  const box = part("bankid-qr");
  if (box.dataset.qr === frame && box.querySelector("svg")) return;
  box.dataset.qr = frame;
  if (!frame) {
    box.replaceChildren();
    return;
  }
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${width}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path(frame));
  svg.append(shape);
  box.replaceChildren(svg);
}

function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}

// Nobody has scanned the code, or tapped the link, and its successor is on its way: until then all keeps its place.
function isRenewal(status) {
  const starting = status.state === "starting";
  if (page.launch === "same_device") return starting && page.quiet && !part("bankid-open-row").hidden;
  const unread = status.state === "pending" && typeof status.seconds_left === "number" && !status.qr;
  return (starting || unread) && part("bankid-qr").querySelector("svg") !== null;
}

function dim(element, old) {
  element.classList.toggle("is-old", old);
}

// The seconds are for the eye; the ear hears of them twice: at ten, and when a new code has come.
function countDown(secondsLeft, withQr, renewing) {
  if (renewing) {
    say(part("bankid-countdown"), "");
    return;
  }
  const shown = withQr && typeof secondsLeft === "number";
  say(part("bankid-countdown"), shown ? words.textCountdown.replace("__TIME__", clock(secondsLeft)) : "");
  const before = page.secondsLeft;
  page.secondsLeft = shown ? secondsLeft : null;
  if (!shown) say(part("bankid-aside"), "");
  if (!shown || before === null) return;
  if (before > 10 && secondsLeft <= 10) say(part("bankid-aside"), words.textTenSeconds);
  if (secondsLeft > before + 2) say(part("bankid-aside"), words.textNewCode);
}

function label(launch, kind) {
  return launch === "qr" ? words[`label${kind}Qr`] : words[`label${kind}SameDevice`];
}

function showStart(status) {
  const failed = status.state === "failed";
  const paused = status.state === "paused";
  const wanted = failed ? status.can_retry !== false : paused || status.state === "idle";
  show("bankid-start-form", wanted);
  part("bankid-start-form").classList.remove("until-script");
  part("bankid-start-form").elements.launch.value = page.launch;
  const text = failed ? words.labelRetry : paused ? words.labelNewQr : label(page.launch, "First");
  say(part("bankid-start"), text);
}

function showOther(status) {
  const other = page.launch === "qr" ? "same_device" : "qr";
  part("bankid-other-form").elements.launch.value = other;
  say(part("bankid-other"), label(other, "Other"));
  show("bankid-other-form", status.state !== "complete" && label(other, "Other") !== "");
}

function showOpen(status, renewing) {
  const link = part("bankid-open");
  dim(link, renewing);
  if (renewing) {
    link.setAttribute("aria-disabled", "true");
    return;
  }
  link.removeAttribute("aria-disabled");
  const url = status.state === "pending" ? status.open_url : null;
  if (url) link.href = url;
  else link.removeAttribute("href");
  show("bankid-open-row", Boolean(url));
  if (!url) show("bankid-not-opened", false);
}

function showFailure(status) {
  const failed = status.state === "failed";
  const fresh = failed && (page.state !== "failed" || part("bankid-failure").hidden);
  say(part("bankid-failure-text"), failed ? status.message : "");
  show("bankid-failure", failed);
  show("bankid-waiting", !failed);
  document.title = failed ? words.titleFailed : words.title;
  if (fresh) part("bankid-failure").focus();
}

function waitsForTap(status) {
  return Boolean(status.open_url) && !page.openTapped && !status.returned;
}

function messageOf(status) {
  if (status.state === "failed") return "";
  if (status.state === "paused") return words.textPaused;
  if (status.open_url && page.openTapped) return page.cameBack ? words.textInProgress : words.textOpening;
  return status.message || "";
}

function render(status) {
  if (status.launch) page.launch = status.launch;
  const running = ["starting", "pending", "complete"].includes(status.state);
  const renewing = isRenewal(status);
  const qr = page.launch === "qr" && status.state === "pending" && status.qr ? status.qr : "";
  if (renewing) part("bankid-qr").dataset.qr = ""; // the picture stays, but it is no code any more
  else drawQr(qr);
  dim(part("bankid-qr"), renewing);
  const preparing = page.launch === "qr" && (status.state === "starting" || page.busy);
  show("bankid-qr-panel", Boolean(qr) || preparing || (page.launch === "qr" && renewing));
  countDown(status.seconds_left, Boolean(qr), renewing && page.launch === "qr");
  showFailure(status);
  showStart(status);
  showOther(status);
  showOpen(status, renewing);
  show("bankid-pulse", running && !qr && !renewing && !waitsForTap(status));
  if (!renewing) say(part("bankid-message"), messageOf(status));
  if (status.state !== "starting") page.quiet = false;
  page.state = status.state;
  root.dataset.state = status.state;
  root.dataset.launch = page.launch;
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
  say(part("bankid-message"), words.textOffline);
  return page.backoff;
}

// Leaving for the same reason twice within a short time, and being back here, would be a loop: the person is told instead.
function wouldLoop(reason) {
  const key = `bankid ${reason} ${window.location.pathname}`;
  const last = Number(sessionStorage.getItem(key) || 0);
  sessionStorage.setItem(key, String(Date.now()));
  return Date.now() - last < LOOP_MS;
}

function somethingWrong() {
  return { state: "failed", launch: page.launch, message: words.textFailed, can_retry: true };
}

// Anything that is not our JSON means that the page is out of date: the server has the right one.
async function answer(response) {
  const type = response.headers.get("Content-Type") || "";
  const refused = response.status === 429 && type.includes("application/json"); // by us, in words; others' are passing
  if ((response.status === 429 && !refused) || response.status >= 500) throw new Error("try again later");
  if ((response.ok || refused) && type.includes("application/json")) return response.json();
  if (wouldLoop("out of date")) return somethingWrong();
  goOn(window.location.pathname);
  return null;
}

// A computer has an address of each kind, and BankID may see another than we do: other host names tell the page the others.
async function seenAddresses(launch) {
  if (launch !== "same_device" || !words.question) return [];
  const ask = async (host) => {
    const body = new URLSearchParams({ question: words.question });
    const told = await fetch(`${host}/address-probe`, { method: "POST", body, signal: AbortSignal.timeout(PROBE_MS) });
    return (await told.json()).answer;
  };
  const answers = await Promise.allSettled(words.probes.split(" ").map(ask));
  return answers.flatMap((answer) => (answer.value ? [["seen_address", answer.value]] : []));
}

async function start(launch, quiet = false) {
  if (page.busy || page.leaving) return;
  page.busy = true;
  page.launch = launch;
  page.startedBefore = true;
  page.openTapped = false;
  page.quiet = quiet;
  if (!quiet) drawQr("");
  page.startedAt = Date.now();
  clearTimeout(page.pollTimer);
  render({ state: "starting", launch, message: words.textPreparing });
  let wait = 0;
  try {
    const response = await fetch(words.startUrl, {
      method: "POST",
      body: new URLSearchParams([
        ["launch", launch],
        ["csrf_token", words.csrfToken],
        ["touch_points", String(navigator.maxTouchPoints || 0)],
        ...(await seenAddresses(launch)),
      ]),
      headers: { Accept: "application/json", "X-CSRF-Token": words.csrfToken },
      credentials: "same-origin",
      cache: "no-store",
    });
    const status = await answer(response);
    page.backoff = 0;
    page.busy = false;
    if (status?.state === "failed") {
      render(status);
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
  let status = null;
  try {
    const response = await fetch(words.statusUrl, {
      headers: { Accept: "application/json", "X-CSRF-Token": words.csrfToken },
      credentials: "same-origin",
      cache: "no-store",
    });
    status = await answer(response);
    page.backoff = 0;
  } catch {
    wait = offline();
  }
  page.busy = false;
  if (status) take(status);
  if (wait !== POLL_MS || ["starting", "pending", "complete"].includes(page.state)) schedule(wait);
}

function take(status) {
  if (shouldRestartQuietly(status)) {
    page.quietRestarts += 1;
    start(page.launch, true);
    return;
  }
  if (status.next && !page.leaving && wouldLoop("done")) {
    render(somethingWrong());
    return;
  }
  render(status);
  if (status.next) goOn(status.next);
  else if (status.state === "idle" && mayStartAlone()) start(page.launch);
  else openScheme(status);
}

// A link that nobody has tapped runs out after half a minute: that is no failure of the person's, so a new one is made.
function shouldRestartQuietly(status) {
  return (
    status.state === "failed" &&
    status.can_retry !== false &&
    page.launch === "same_device" &&
    page.state === "pending" &&
    !page.openTapped &&
    words.autoStart === "true" &&
    Date.now() - page.startedAt > LAUNCH_WINDOW_MS &&
    page.quietRestarts < MOST_QUIET_RESTARTS &&
    document.visibilityState === "visible"
  );
}

// On a computer the app's own scheme can be opened at once; an https link must be tapped by the person.
function openScheme(status) {
  if (!page.openWhenReady || !status.open_url) return;
  page.openWhenReady = false;
  if (status.open_url.startsWith("bankid:")) {
    window.location.assign(status.open_url);
    appShouldOpen();
  } else {
    part("bankid-open").focus();
  }
}

function appShouldOpen() {
  page.openTapped = true;
  page.wentAway = false;
  page.cameBack = false;
  say(part("bankid-message"), words.textOpening);
  show("bankid-pulse", true);
  setTimeout(() => {
    const waiting = page.state === "pending" && page.launch === "same_device";
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

function begin() {
  if (document.visibilityState === "hidden") page.hiddenSince = Date.now();
  if (page.state === "idle" && mayStartAlone()) start(page.launch);
  else if (page.state === "idle" && words.autoStart !== "true") render({ state: "idle", launch: page.launch, message: "" });
  else schedule(0);
}

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
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  page.leaving = false;
  page.busy = false;
  wake();
});

if ("IntersectionObserver" in window) {
  new IntersectionObserver(
    ([entry]) => {
      const cut = entry.intersectionRatio < 0.98 && !part("bankid-qr-panel").hidden && part("bankid-qr").dataset.qr !== "";
      show("bankid-off-screen", cut);
    },
    { threshold: [0, 0.5, 0.98, 1] },
  ).observe(part("bankid-qr"));
}

begin();
