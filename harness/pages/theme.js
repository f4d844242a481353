// Light, dark, or as the system: kept between visits where the browser allows it.
(() => {
  const KEY = "nnxspec-theme";
  const NAMES = { "": "as the system", light: "light", dark: "dark" };
  const root = document.documentElement;
  let now = "";
  try { now = localStorage.getItem(KEY) || ""; } catch { /* no storage: as the system */ }
  const apply = () => {
    if (now) root.dataset.theme = now; else delete root.dataset.theme;
    const button = document.getElementById("theme");
    if (button) button.querySelector("span").textContent = NAMES[now];
  };
  if (!(now in NAMES)) now = "";
  apply();
  document.addEventListener("DOMContentLoaded", () => {
    apply();
    document.getElementById("theme")?.addEventListener("click", () => {
      const order = Object.keys(NAMES);
      now = order[(order.indexOf(now) + 1) % order.length];
      try { localStorage.setItem(KEY, now); } catch { /* then only for this visit */ }
      apply();
    });
  });
})();
