// The parts of the page, put together.

function legend() {
  const [title, lowest, highest] = data.legend;
  const bar = byId("legend");
  if (!title) {
    return;
  }
  bar.hidden = false;
  html("strong", title, bar);
  if (lowest) {
    html("span", lowest, bar);
    const steps = html("span", null, bar, "steps");
    for (let i = 0; i < 10; i++) {
      html("i", null, steps, "heat" + i);
    }
    html("span", highest, bar);
  } else {
    html("span", "solid green: added; dashed red: removed; amber: changed", bar);
  }
}

function isDark() {
  const set = document.documentElement.dataset.theme;
  return set ? set === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function theme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  byId("theme").textContent = dark ? "Light" : "Dark";
}

function toggleDetails() {
  if (details.isOpen()) {
    details.close();
  } else {
    details.show(current, current.chosen);
    details.open();
  }
}

theme(isDark());
legend();
const views = data.models.map((model, i) => new View(model, i));
let current = views[0];
if (data.differences.length || innerWidth > 1000) {
  details.show(current, null);
  details.open();
  views.forEach((view) => view.start());
}

const actions = {
  in: () => current.zoom(1.25),
  out: () => current.zoom(0.8),
  fit: () => views.forEach((view) => view.fit()),
  open: () => views.forEach((view) => view.all(true)),
  close: () => views.forEach((view) => view.all(false)),
  theme: () => theme(!isDark()),
  info: toggleDetails,
};
for (const id in actions) {
  byId(id).addEventListener("click", actions[id]);
}
byId("search").addEventListener("input", (e) => search(e.target.value));
byId("search").addEventListener("keydown", (e) => {
  if (e.key === "Enter" || e.key === "ArrowDown") {
    const first = byId("found").querySelector("button");
    if (first && e.key === "Enter") {
      first.click();
    } else if (first) {
      first.focus();
    }
    e.preventDefault();
  }
});
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey) {
    return;
  }
  if (e.key === "Escape") {
    byId("found").hidden = true;
    details.close();
    return;
  }
  if (e.target instanceof HTMLInputElement) {
    return;
  }
  const action = { "+": "in", "=": "in", "-": "out", 0: "fit", e: "open", c: "close", d: "theme", i: "info" }[e.key];
  if (action) {
    actions[action]();
  } else if (e.key === "/") {
    byId("search").focus();
    e.preventDefault();
  }
});
document.addEventListener("click", (e) => {
  if (!e.target.closest(".search")) {
    byId("found").hidden = true;
  }
});
addEventListener("beforeprint", () => views.forEach((view) => {
  view.svg.setAttribute("viewBox", "0 0 " + view.root.w + " " + view.root.h);
  view.svg.setAttribute("width", view.root.w); // as large as it is, over several sheets
  view.canvas.removeAttribute("transform");
}));
addEventListener("afterprint", () => views.forEach((view) => {
  view.svg.removeAttribute("viewBox");
  view.svg.removeAttribute("width");
  view.arrange();
}));
