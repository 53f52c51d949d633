// Every form: one submit per press, focus on the errors, no second sending by Back, the copy button, and a change of language that keeps what was typed.

const GUARD_MS = 5000;

document.querySelectorAll("form[data-once]").forEach((form) => {
  // A flag and not `disabled`: a disabled button would lose its name and value, and the server does the real guarding.
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    form.setAttribute("aria-busy", "true");
    setTimeout(() => release(), GUARD_MS);
  });
  const release = () => {
    sent = false;
    form.removeAttribute("aria-busy");
  };
  window.addEventListener("pageshow", release);
});

const errors = document.getElementById("error-summary");
if (errors) {
  errors.focus();
  // This page answered a POST: from now on Back and reload ask for it with GET, so that no browser asks to send the form again.
  history.replaceState(history.state, "", location.href);
}

document.querySelectorAll("button[data-copy]").forEach((button) => {
  const field = document.getElementById(button.dataset.copy);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      document.execCommand("copy");
    }
    document.getElementById("copy-status").textContent = button.dataset.copied;
  });
});

const typed = document.getElementById("typed");
document.querySelector("a.language")?.addEventListener("click", (event) => {
  if (!typed || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const choice = document.createElement("input");
  choice.type = "hidden";
  choice.name = "switch";
  choice.value = "language";
  typed.append(choice);
  typed.action = event.currentTarget.href;
  // Not `requestSubmit`: this is no answer to the form, and a field named `submit` must not stand in the way.
  HTMLFormElement.prototype.submit.call(typed);
});
