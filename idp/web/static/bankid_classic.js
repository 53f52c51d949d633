// The BankID page where scripts run but no modules: such a browser gets neither bankid.js nor what stands in <noscript>.

(function () {
  var root = document.getElementById("bankid");
  var box = document.getElementById("bankid-qr");
  if (!root || !box) return;
  if (box.getAttribute("data-qr")) {
    var image = document.createElement("img");
    image.src = root.getAttribute("data-status-url").replace(/status$/, "qr.svg");
    image.alt = "";
    box.appendChild(image);
  }
  var running = /^(starting|pending|complete)$/.test(root.getAttribute("data-state"));
  if (running && root.getAttribute("data-reloading") === "true") {
    setTimeout(function () {
      window.location.reload();
    }, 2000);
  }
})();
