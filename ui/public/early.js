// Runs before the first paint: applies the saved theme and language so that neither flashes.
(function () {
  try {
    var theme = localStorage.getItem("yagura.theme");
    var language = localStorage.getItem("yagura.language") || (navigator.language || "").slice(0, 2);
    if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
    if (language === "ja") document.documentElement.lang = "ja";
  } catch (_) {
    // Storage can be switched off by the user: the defaults hold.
  }
})();
