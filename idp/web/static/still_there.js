// Warns two minutes before a login under way ends, and lets the person go on; what was typed stays where it is.

const WARN_SECONDS = 120;
const TYPING_COUNTS_MS = 5 * 60 * 1000;

const dialog = document.getElementById("still-there");
const left = document.getElementById("still-there-left");
const title = document.getElementById("still-there-title");

// Date and not a counter: a laptop that slept must know how late it is.
let endsAt = Date.now() + 1000 * Number(dialog.dataset.seconds);
let stayedAt = Date.now();
let over = false;

async function stay() {
  stayedAt = Date.now();
  let answer;
  try {
    answer = await fetch(dialog.dataset.stayUrl, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams({ csrf_token: dialog.querySelector("[name=csrf_token]").value }),
    });
  } catch {
    dialog.classList.add("is-offline");
    return; // the countdown goes on, and the button can be pressed again
  }
  dialog.classList.remove("is-offline");
  if (answer.ok) {
    endsAt = Date.now() + 1000 * (await answer.json()).seconds_left;
    if (secondsLeft() > WARN_SECONDS) dialog.close();
  } else if (answer.status < 500) {
    end();
  } else {
    dialog.classList.add("is-offline");
  }
}

function end() {
  over = true;
  title.textContent = dialog.dataset.over;
  dialog.classList.add("is-over");
  if (!dialog.open) dialog.showModal();
  document.getElementById("still-there-restart").focus();
}

function secondsLeft() {
  return Math.ceil((endsAt - Date.now()) / 1000);
}

function look() {
  if (over) return;
  const seconds = secondsLeft();
  if (seconds <= 0) {
    end();
  } else if (seconds <= WARN_SECONDS) {
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (!dialog.open) dialog.showModal();
  }
}

document.getElementById("still-there-stay").addEventListener("click", stay);
dialog.addEventListener("cancel", (event) => {
  event.preventDefault(); // Escape means "I am here"
  if (!over) stay();
});
// Who types is there: nobody is asked who is busy with the form.
document.addEventListener("input", () => {
  if (!over && Date.now() - stayedAt > TYPING_COUNTS_MS) stay();
});
document.addEventListener("visibilitychange", look);
window.addEventListener("pageshow", look);
setInterval(look, 1000);
look();
