// Every form: one submit per press, focus on the summary of errors, and the copy button.

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

document.getElementById("error-summary")?.focus();

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
