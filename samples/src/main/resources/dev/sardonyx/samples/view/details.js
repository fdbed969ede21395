// What is told of the model, a group or a node.

const details = {
  panel: byId("details"),
  isOpen() {
    return !this.panel.hidden;
  },
  open() {
    this.panel.hidden = false;
    byId("info").setAttribute("aria-expanded", true);
  },
  close() {
    this.panel.hidden = true;
    byId("info").setAttribute("aria-expanded", false);
  },
  show(view, item) {
    this.panel.replaceChildren();
    const close = html("button", "Close", this.panel);
    close.type = "button";
    close.style.float = "right";
    close.addEventListener("click", () => this.close());
    if (item instanceof Box) {
      this.box(view, item);
    } else if (item) {
      html("h2", item.spec.t, this.panel);
      html("p", item.spec.n, this.panel);
      if (item.spec.m) {
        html("p", "The most inside: " + item.spec.m[1], this.panel);
      }
    } else {
      this.models();
    }
    this.panel.scrollTop = 0;
  },
  facts(rows) {
    const list = html("dl", null, this.panel);
    for (const [name, value, isType] of rows) {
      html("dt", name, list);
      const dd = html("dd", null, list);
      html("span", value, dd, isType ? "type" : "");
    }
  },
  models() {
    for (const model of data.models) {
      html("h2", model.title, this.panel);
      this.facts(model.facts.map(([name, value]) => [name, value]));
    }
    if (data.models.length > 1) {
      html("h3", data.differenceCount.toLocaleString("en") + " differences", this.panel);
      const list = html("ul", null, this.panel);
      for (const [text, place] of data.differences) {
        const item = html("li", null, list);
        const button = html("button", text, item, "plain");
        button.type = "button";
        button.addEventListener("click", () => showPlace(place));
      }
      if (data.differenceCount > data.differences.length) {
        html("p", "… and more: `sardonyx diff --all` prints them.", this.panel);
      }
    }
  },
  box(view, item) {
    const spec = item.spec;
    const values = item.graph.v;
    html("h2", spec.k === "node" ? spec.o : spec.t, this.panel);
    if (spec.k !== "node") {
      this.facts([["Kind", KINDS[spec.k]], ["Name", values[2 * spec.r[0]]], ["Type", values[2 * spec.r[0] + 1] || "unknown", true]]);
      return;
    }
    const rows = [["Name", spec.n || "(none)"], ["Graph", item.graph.p]];
    if (spec.m) {
      rows.push(["Found", spec.m[1]]);
    }
    if (spec.d) {
      rows.push(["Description", spec.d]);
    }
    this.facts(rows);
    if (spec.a.length) {
      html("h3", "Attributes", this.panel);
      const attributes = [];
      for (let i = 0; i < spec.a.length; i += 2) {
        attributes.push([spec.a[i], spec.a[i + 1], true]);
      }
      this.facts(attributes);
    }
    html("h3", "Inputs", this.panel);
    for (let i = 0; i < spec.i.length; i += 2) {
      const value = spec.i[i + 1];
      if (value < 0) {
        this.weight(spec.i[i], view.model.weights[-1 - value]);
      } else {
        this.value(view, item, spec.i[i], value, true);
      }
    }
    html("h3", "Outputs", this.panel);
    for (const value of spec.r) {
      this.value(view, item, "", value, false);
    }
  },
  value(view, item, name, value, isInput) {
    const line = html("p", null, this.panel);
    line.style.margin = "2px 0";
    if (name) {
      html("span", name + ": ", line);
    }
    const button = html("button", item.graph.v[2 * value], line, "plain");
    button.type = "button";
    button.addEventListener("click", () => {
      const graph = view.model.graphs.indexOf(item.graph);
      const found = view.places().find((p) => p.graph === graph && (isInput
        ? p.spec.k !== "output" && p.spec.r.includes(value)
        : p.spec.k === "output" && p.spec.r.includes(value) || (p.spec.i || []).some((v, i) => i % 2 && v === value)));
      if (found) {
        view.reveal(sibling(view, item, found));
      }
    });
    html("small", item.graph.v[2 * value + 1] || "type unknown", line, "type");
  },
  weight(name, weight) {
    const box = html("details", null, this.panel);
    const summary = html("summary", null, box);
    html("span", (name ? name + ": " : "") + weight.n + " ", summary);
    html("small", weight.t, summary, "type");
    if (!weight.f) {
      html("small", "Its elements were not read.", box);
      return;
    }
    box.open = weight.s > 1;
    const more = weight.s > weight.f.length ? ", …" : "";
    html("code", weight.f.join(", ") + more, box);
    if (weight.r && weight.s > 1) {
      const [min, max, mean, deviation] = weight.r.map((n) => Number(n.toPrecision(4)));
      const text = "min " + min + ", max " + max + ", mean " + mean + ", standard deviation " + deviation
        + (weight.z ? ", zeros " + (100 * weight.z / weight.k).toFixed(1) + " %" : "")
        + (weight.x ? ", NaN or infinite: " + weight.x : "");
      html("small", text, box);
      if (weight.h.length) {
        this.histogram(weight, text, box);
      }
      if (weight.k < weight.s) {
        html("small", "Of " + weight.k.toLocaleString("en") + " of " + weight.s.toLocaleString("en") + " elements, spread evenly.", box);
      }
    }
  },
  histogram(weight, text, parent) {
    const chart = svg("svg", {
      class: "histogram", viewBox: "0 0 320 70", preserveAspectRatio: "none", role: "img",
      "aria-label": "Histogram of " + weight.n + ": " + text,
    }, parent);
    const most = Math.max(...weight.h);
    weight.h.forEach((count, i) => {
      const height = count ? Math.max(1, 68 * count / most) : 0;
      svg("rect", { x: i * 10 + 0.5, y: 69 - height, width: 9, height }, chart);
    });
  },
};

/** The item of a place in the very body that another item is in, which may be one of many calls. */
function sibling(view, item, place) {
  let root = item.parent;
  while (root.number !== 0 || !(root instanceof Cluster)) {
    root = root.parent;
  }
  return view.within(root, place);
}
