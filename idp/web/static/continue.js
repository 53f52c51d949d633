// Follows #continue without a press; where clients must hear of a log-out by frames, first lets them, for five seconds at most.

const FRAMES_MS = 5000;

const link = document.getElementById("continue");

// The page's load event waits for its frames.
const loaded = new Promise((resolve) => {
  if (document.readyState === "complete") resolve();
  else window.addEventListener("load", resolve, { once: true });
});
const late = new Promise((resolve) => {
  setTimeout(resolve, FRAMES_MS);
});

if (link?.dataset.go) {
  await Promise.race([loaded, late]);
  window.location.replace(link.href);
}
