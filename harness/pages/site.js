// The search on the page of all laws.
(() => {
  const form = document.querySelector("form.controls");
  const laws = [...document.querySelectorAll("ul.laws li")].map((item) => [item, item.textContent.toLowerCase()]);
  const filter = () => {
    const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [item, text] of laws) {
      item.hidden = !words.every((word) => text.includes(word));
      shown += !item.hidden;
    }
    for (const section of document.querySelectorAll("main > section")) section.hidden = !section.querySelector("li:not([hidden])");
    document.getElementById("shown").textContent = words.length ? `${shown} of ${laws.length}` : "";
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.matches?.("input")) return;
    event.preventDefault();
    form.elements.words.focus();
  });
})();
