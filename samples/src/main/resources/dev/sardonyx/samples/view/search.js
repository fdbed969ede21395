// Finding nodes by their names, and in the other of two models.

// Two models: what is chosen in one is shown in the other as well.

function follow(view, item) {
  for (const other of views) {
    if (other !== view && item.spec.D) {
      const found = other.places().find((p) => p.spec.D === item.spec.D && other.model.graphs[p.graph].p === item.graph.p);
      if (found) {
        const twin = other.item(found);
        for (let around = twin.parent; around; around = around.parent) {
          around.open = true;
        }
        other.chosen = twin;
        other.draw();
        other.center(twin);
      }
    }
  }
}

function showPlace(place) {
  let isFound = false;
  for (const view of views) {
    const found = view.places().find((p) => p.spec.D && view.model.graphs[p.graph].p + ": " + p.spec.D === place);
    if (found) {
      isFound = true;
      const item = view.item(found);
      for (let around = item.parent; around; around = around.parent) {
        around.open = true;
      }
      view.chosen = item;
      view.draw();
      view.center(item);
    }
  }
  if (!isFound) {
    say("It is no node: " + place);
  }
}

// Search

function search(text) {
  const list = byId("found");
  list.replaceChildren();
  const wanted = text.trim().toLowerCase();
  list.hidden = !wanted;
  if (!wanted) {
    return;
  }
  let count = 0;
  for (const view of views) {
    for (const place of view.places()) {
      const graph = view.model.graphs[place.graph];
      const hit = matches(view.model, graph, place.spec, wanted);
      if (hit && ++count <= 60) {
        const button = html("button", null, html("li", null, list));
        button.type = "button";
        html("span", place.spec.k === "node" ? place.spec.o + " " + place.spec.n : KINDS[place.spec.k] + " " + place.spec.t, button);
        html("small", (views.length > 1 ? ["Before: ", "After: "][view.index] : "") + hit, button);
        button.addEventListener("click", () => {
          list.hidden = true;
          current = view;
          view.reveal(view.item(place));
        });
      }
    }
  }
  html("p", count ? (count > 60 ? count.toLocaleString("en") + " found, 60 of them shown" : count + " found") : "Nothing found", html("li", null, list));
}

function matches(model, graph, spec, wanted) {
  const has = (name) => name && name.toLowerCase().includes(wanted);
  if (has(spec.o) || has(spec.n) || has(spec.t)) {
    return graph.p;
  }
  for (const value of spec.r) {
    if (has(graph.v[2 * value])) {
      return "gives " + graph.v[2 * value];
    }
  }
  for (let i = 1; i < (spec.i || []).length; i += 2) {
    const name = spec.i[i] < 0 ? model.weights[-1 - spec.i[i]].n : graph.v[2 * spec.i[i]];
    if (has(name)) {
      return "takes " + name;
    }
  }
  return "";
}
