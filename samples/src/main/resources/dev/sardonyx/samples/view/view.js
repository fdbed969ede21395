// The drawing of one model, and how it is used.

/** A model in its own part of the page. */
class View {
  constructor(model, index) {
    this.model = model;
    this.index = index;
    this.root = new Cluster(model.graphs[0], 0, null);
    this.root.open = true;
    this.root.model = model;
    this.shown = new Map(); // from elements to items
    this.chosen = null;
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.frame = html("div", null, byId("views"), "view");
    if (data.models.length > 1) {
      html("h2", (index === 0 ? "Before: " : "After: ") + model.title, this.frame);
    }
    this.svg = svg("svg", {
      role: "tree",
      "aria-label": "Graph of " + model.title + ". Arrow keys go from node to node, Enter opens.",
    }, this.frame);
    const defs = svg("defs", {}, this.svg);
    const marker = svg("marker", {
      id: "arrow" + index, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse",
      orient: "auto-start-reverse",
    }, defs);
    svg("path", { d: "M0 0L8 4L0 8z", fill: "context-stroke" }, marker);
    this.canvas = svg("g", {}, this.svg);
    this.listen();
    this.draw();
    this.start();
  }

  // Drawing

  draw() {
    this.root.layout();
    this.shown.clear();
    this.canvas.replaceChildren();
    this.wires = [];
    this.inside(this.root, this.canvas);
    this.arrange();
    this.mark();
  }

  /** What is inside an open cluster: wires first, for parts lie above them. */
  inside(cluster, parent) {
    const spec = cluster.spec;
    const labelled = new Set();
    for (const link of spec.L) {
      const [value, from, fromPort, to, toPort, sx, , ex, , ...bends] = link;
      const start = this.end(cluster, from, fromPort, sx, spec.I, "O", 0);
      const end = this.end(cluster, to, toPort, ex, spec.O, "I", 1);
      const points = [start];
      for (let i = 0; i < bends.length; i += 2) {
        points.push([round(cluster.fx(bends[i])), round(cluster.fy(bends[i + 1]))]);
      }
      points.push(end);
      const path = svg("path", { class: "w", d: course(points) }, parent);
      if (to >= 0 && cluster.parts[to] instanceof Box) {
        path.setAttribute("marker-end", "url(#arrow" + this.index + ")");
      }
      this.wires.push({ path, graph: cluster.graph, value, cluster });
      const type = cluster.graph.v[2 * value + 1];
      const isTold = from < 0 || cluster.parts[from] instanceof Cluster && cluster.parts[from].open;
      if (!isTold && type && !labelled.has(from + ":" + value)) {
        labelled.add(from + ":" + value);
        svg("text", { class: "e", x: start[0] + 5, y: start[1] + 12 }, parent).textContent = cut(type);
      }
    }
    for (const part of cluster.parts) {
      if (part instanceof Box) {
        this.box(part, parent);
      } else {
        this.group(part, parent);
      }
    }
  }

  end(cluster, part, port, x, around, ports, isEnd) {
    if (part < 0) {
      return [round(cluster.fx(around[2 * port + 1])), isEnd ? round(cluster.h) : 0];
    }
    const item = cluster.parts[part];
    const spec = cluster.spec;
    const share = (x - spec.p[5 * part + 1]) / Math.max(1, spec.p[5 * part + 3]);
    const inside = item instanceof Cluster
      ? item.port(port, item.spec[ports], share)
      : share * item.w;
    return [round(item.x + inside), round(item.y + (isEnd ? 0 : item.h))];
  }

  element(item, className, parent) {
    const made = svg("g", {
      class: className + (item.spec.m ? " " + item.spec.m[0] : ""),
      transform: "translate(" + round(item.x) + " " + round(item.y) + ")",
      role: "treeitem",
      tabindex: -1,
      "aria-label": item.describe(),
    }, parent);
    this.shown.set(made, item);
    item.element = made;
    return made;
  }

  group(cluster, parent) {
    const spec = cluster.spec;
    const g = this.element(cluster, "group " + (cluster.open ? "open" : "closed"), parent);
    g.setAttribute("aria-expanded", cluster.open);
    if (!cluster.open) {
      svg("rect", { class: "g2", x: 4, y: 4, width: round(cluster.w), height: round(cluster.h), rx: 8 }, g);
    }
    svg("rect", { class: "g", width: round(cluster.w), height: round(cluster.h), rx: 8 }, g);
    if (cluster.open) {
      this.inside(cluster, g);
      svg("text", { class: "t", x: 10, y: 18 }, g).textContent = "▾ " + spec.t;
      svg("rect", { class: "bar tap", width: round(cluster.w), height: 26, rx: 8 }, g);
    } else {
      g.classList.add("tap");
      svg("text", { class: "t", x: 10, y: 18 }, g).textContent = "▸ " + spec.t;
      svg("text", { class: "w", x: 12, y: 35 }, g).textContent = spec.n;
    }
  }

  box(box, parent) {
    const spec = box.spec;
    const isValue = spec.k !== "node";
    const g = this.element(box, "box tap " + spec.y + (spec.k === "capture" ? " capture" : ""), parent);
    const w = round(box.w);
    svg("rect", { class: "b", width: w, height: round(box.h), rx: isValue ? 12 : 5 }, g);
    if (isValue) {
      svg("text", { class: "t", x: w / 2, y: 17, "text-anchor": "middle" }, g).textContent = spec.t;
      spec.l.forEach((line, i) => {
        svg("text", { class: "l", x: w / 2, y: 31 + 14 * i, "text-anchor": "middle" }, g).textContent = line;
      });
      return;
    }
    const isOnlyHead = !spec.l.length && !spec.g;
    svg("path", { class: "hd", d: isOnlyHead
      ? "M5 0.5H" + (w - 5) + "Q" + (w - 0.5) + " 0.5 " + (w - 0.5) + " 5V19Q" + (w - 0.5) + " 23.5 " + (w - 5) + " 23.5H5Q0.5 23.5 0.5 19V5Q0.5 0.5 5 0.5z"
      : "M5 0.5H" + (w - 5) + "Q" + (w - 0.5) + " 0.5 " + (w - 0.5) + " 5V24H0.5V5Q0.5 0.5 5 0.5z" }, g);
    svg("text", isOnlyHead ? { class: "t", x: w / 2, y: 17, "text-anchor": "middle" }
      : { class: "t", x: 10, y: 17 }, g).textContent = spec.t;
    spec.l.forEach((line, i) => {
      svg("text", { class: "l", x: 10, y: 39 + 16 * i }, g).textContent = line;
    });
    if (spec.g) {
      g.setAttribute("aria-expanded", box.open);
      this.bodies(box, g);
    }
  }

  bodies(box, g) {
    box.spec.g.forEach((body, i) => {
      if (!box.open) {
        svg("text", { class: "w toggle", x: 10, y: box.spec.q + 14 + 16 * i }, g).textContent = "▸ " + body[0];
        return;
      }
      const root = box.bodies[i];
      svg("text", { class: "w toggle", x: round(root.x) + 4, y: box.spec.q + 16 }, g).textContent = "▾ " + body[0];
      const inner = svg("g", { class: "body", transform: "translate(" + round(root.x) + " " + round(root.y) + ")" }, g);
      svg("rect", { width: round(root.w), height: round(root.h), rx: 6 }, inner);
      this.inside(root, inner);
    });
  }

  // Opening and closing

  visible(item) {
    if (item instanceof Cluster) {
      return item.open ? item.parts.reduce((n, part) => n + 1 + this.visible(part), 0) : 0;
    }
    return item.open && item.spec.g
      ? item.bodies.reduce((n, body) => n + this.visible(body), 0)
      : 0;
  }

  canOpen(item) {
    return item instanceof Cluster || Boolean(item.spec.g);
  }

  toggle(item) {
    if (!this.canOpen(item)) {
      return;
    }
    const before = item.element.getBoundingClientRect();
    item.open = !item.open;
    if (item.open && this.visible(this.root) > MOST) {
      item.open = false;
      say("Too much to show at once: close something first.");
      return;
    }
    this.draw();
    const after = item.element.getBoundingClientRect();
    // What was touched stays where it is; one that has grown keeps its title in sight.
    const width = this.svg.getBoundingClientRect().width;
    this.x += before.left + before.width / 2 - after.left - after.width / 2;
    this.y += before.top - after.top;
    this.arrange();
    const now = item.element.getBoundingClientRect();
    if (now.width < width) {
      this.x += Math.max(0, 8 - now.left + this.svg.getBoundingClientRect().left);
      this.arrange();
    }
    this.focus(item);
    say(item.describe());
  }

  /** Opens or closes all groups, as many as can be shown. */
  all(open) {
    let shown = this.visible(this.root);
    let level = [this.root];
    let isAll = true;
    while (level.length && isAll) {
      const next = [];
      for (const item of level) {
        const inside = item instanceof Cluster ? item.parts : item.bodies;
        for (const part of inside) {
          const isRoot = item instanceof Box;
          if (isRoot || this.canOpen(part)) {
            if (open && !part.open && !(part instanceof Box && part.spec.g.some((b) => b[2]))) {
              shown += part instanceof Cluster ? part.parts.length : part.bodies.length;
              if (shown > MOST) {
                isAll = false;
                break;
              }
              part.open = true;
            }
            if (part.made || part.open) {
              next.push(part);
            }
            if (!open && !isRoot) {
              part.open = false;
            }
          }
        }
      }
      level = next;
    }
    this.draw();
    this.start();
    say(isAll ? (open ? "All groups are open" : "All groups are closed")
      : "More than " + MOST.toLocaleString("en") + " nodes: what is deeper inside stays closed");
  }

  /** Opens all that is around an item, and makes it visible. */
  reveal(item) {
    for (let around = item.parent; around; around = around.parent) {
      around.open = true;
    }
    this.draw();
    this.choose(item);
    this.center(item);
    this.focus(item);
  }

  // Choosing

  choose(item) {
    this.chosen = item;
    this.mark();
    details.show(this, item);
    this.near();
  }

  mark() {
    this.canvas.querySelectorAll(".chosen").forEach((e) => e.classList.remove("chosen"));
    if (this.chosen && this.chosen.element && this.chosen.element.isConnected) {
      this.chosen.element.classList.add("chosen");
    }
    this.near();
    const first = this.chosen && this.shown.has(this.chosen.element)
      ? this.chosen.element : this.shown.keys().next().value;
    if (first) {
      first.setAttribute("tabindex", 0);
    }
  }

  /** Shows the wires of the chosen node. */
  near() {
    const item = this.chosen;
    const values = new Set();
    if (item instanceof Box) {
      item.spec.r.forEach((v) => values.add(v));
      for (let i = 1; i < (item.spec.i || []).length; i += 2) {
        values.add(item.spec.i[i]);
      }
    }
    for (const wire of this.wires) {
      wire.path.classList.toggle("near", Boolean(item) && wire.graph === item.graph && values.has(wire.value));
    }
  }

  focus(item) {
    if (item.element && item.element.isConnected) {
      this.canvas.querySelectorAll("[tabindex='0']").forEach((e) => e.setAttribute("tabindex", -1));
      item.element.setAttribute("tabindex", 0);
      item.element.focus({ preventScroll: true });
    }
  }

  /** The item next to one in a direction. */
  neighbour(item, key) {
    const cluster = item.parent instanceof Cluster ? item.parent : null;
    if (!cluster) {
      return item.parent;
    }
    const me = cluster.parts.indexOf(item);
    let best = null;
    let nearest = Infinity;
    const consider = (part) => {
      const other = cluster.parts[part];
      const dx = other.x + other.w / 2 - item.x - item.w / 2;
      const dy = other.y + other.h / 2 - item.y - item.h / 2;
      const isThere = { ArrowDown: dy > 1, ArrowUp: dy < -1, ArrowLeft: dx < -1, ArrowRight: dx > 1 }[key];
      const isAcross = key === "ArrowLeft" || key === "ArrowRight";
      const far = isAcross ? Math.abs(dx) + 4 * Math.abs(dy) : Math.abs(dy) + Math.abs(dx) / 4;
      if (isThere && far < nearest) {
        nearest = far;
        best = other;
      }
    };
    for (const link of cluster.spec.L) {
      if (key === "ArrowDown" && link[1] === me && link[3] >= 0) {
        consider(link[3]);
      } else if (key === "ArrowUp" && link[3] === me && link[1] >= 0) {
        consider(link[1]);
      }
    }
    if (!best) {
      cluster.parts.forEach((part, i) => i !== me && consider(i));
    }
    return best || (cluster.parent ? cluster : null);
  }

  // Moving

  arrange() {
    this.canvas.setAttribute("transform",
      "translate(" + round(this.x) + " " + round(this.y) + ") scale(" + Math.round(this.scale * 1e4) / 1e4 + ")");
  }

  size() {
    return this.svg.getBoundingClientRect();
  }

  /** As wide as the page if that can be read, from the top. */
  start() {
    const { width, height } = this.size();
    const all = Math.min((width - 20) / this.root.w, (height - 20) / this.root.h);
    this.scale = Math.max(Math.min(1, all), Math.min(1, Math.max(0.55, (width - 20) / this.root.w)));
    this.x = (width - this.root.w * this.scale) / 2;
    this.y = Math.max(data.models.length > 1 ? 40 : 6, (height - this.root.h * this.scale) / 2);
    if (this.root.w * this.scale > width) {
      this.x = width / 2 - this.first() * this.scale;
    }
    this.arrange();
  }

  /** The middle of the first part. */
  first() {
    const top = this.root.parts.reduce((a, b) => (b.y < a.y ? b : a), this.root.parts[0] || { x: 0, y: 0, w: 0 });
    return top.x + top.w / 2;
  }

  fit() {
    const { width, height } = this.size();
    this.scale = Math.min(1.5, (width - 20) / this.root.w, (height - 20) / this.root.h);
    this.x = (width - this.root.w * this.scale) / 2;
    this.y = (height - this.root.h * this.scale) / 2;
    this.arrange();
  }

  zoom(by, x, y) {
    const { width, height } = this.size();
    const cx = x === undefined ? width / 2 : x;
    const cy = y === undefined ? height / 2 : y;
    const scale = Math.min(4, Math.max(0.005, this.scale * by));
    this.x = cx - (cx - this.x) * scale / this.scale;
    this.y = cy - (cy - this.y) * scale / this.scale;
    this.scale = scale;
    this.arrange();
  }

  center(item) {
    if (!item.element || !item.element.isConnected) {
      return;
    }
    this.scale = Math.max(this.scale, 0.7);
    this.arrange();
    const frame = this.size();
    const box = item.element.getBoundingClientRect();
    this.x += frame.left + frame.width / 2 - box.left - box.width / 2;
    this.y += frame.top + frame.height / 2 - box.top - Math.min(box.height, frame.height) / 2;
    this.arrange();
  }

  /** Moves just as far as is needed to see an item. */
  see(item) {
    const frame = this.size();
    const box = item.element.getBoundingClientRect();
    if (box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom) {
      this.center(item);
    }
  }

  itemAt(target) {
    for (let e = target; e && e !== this.svg; e = e.parentNode) {
      if (this.shown.has(e)) {
        return this.shown.get(e);
      }
    }
    return null;
  }

  listen() {
    const pointers = new Map();
    let moved = 0;
    this.svg.addEventListener("pointerdown", (e) => {
      pointers.set(e.pointerId, [e.clientX, e.clientY]);
      moved = pointers.size > 1 ? 100 : 0;
      current = this;
    });
    this.svg.addEventListener("pointermove", (e) => {
      const before = pointers.get(e.pointerId);
      if (!before) {
        return;
      }
      const dx = e.clientX - before[0];
      const dy = e.clientY - before[1];
      moved += Math.abs(dx) + Math.abs(dy);
      if (moved < 4) {
        return;
      }
      if (!this.svg.hasPointerCapture(e.pointerId)) {
        this.svg.setPointerCapture(e.pointerId);
        this.frame.classList.add("moving");
      }
      if (pointers.size === 2) {
        const other = [...pointers].find(([id]) => id !== e.pointerId)[1];
        const span = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]);
        const frame = this.size();
        this.zoom(span([e.clientX, e.clientY]) / Math.max(1, span(before)),
          (e.clientX + other[0]) / 2 - frame.left, (e.clientY + other[1]) / 2 - frame.top);
        this.x += dx / 2;
        this.y += dy / 2;
      } else {
        this.x += dx;
        this.y += dy;
      }
      pointers.set(e.pointerId, [e.clientX, e.clientY]);
      this.arrange();
    });
    const up = (e) => {
      pointers.delete(e.pointerId);
      this.frame.classList.remove("moving");
    };
    this.svg.addEventListener("pointerup", up);
    this.svg.addEventListener("pointercancel", up);
    this.svg.addEventListener("click", (e) => {
      if (moved < 4) {
        this.tap(e.target);
      }
    });
    this.svg.addEventListener("wheel", (e) => {
      e.preventDefault();
      const frame = this.size();
      if (e.ctrlKey || e.metaKey) {
        this.zoom(Math.exp(-e.deltaY * (e.deltaMode ? 0.05 : 0.004)), e.clientX - frame.left, e.clientY - frame.top);
      } else {
        const by = e.deltaMode ? 20 : 1;
        this.x -= (e.shiftKey ? e.deltaY : e.deltaX) * by;
        this.y -= (e.shiftKey ? 0 : e.deltaY) * by;
        this.arrange();
      }
    }, { passive: false });
    this.svg.addEventListener("keydown", (e) => this.key(e));
    this.svg.addEventListener("focusin", () => { current = this; });
  }

  tap(target) {
    const item = this.itemAt(target);
    if (!item) {
      this.chosen = null;
      this.mark();
      return;
    }
    const isTitle = target.classList.contains("bar") || target.classList.contains("toggle");
    if (item instanceof Cluster && (!item.open || isTitle) || isTitle) {
      this.toggle(item);
      if (details.isOpen()) {
        this.choose(item);
      }
    } else if (item instanceof Box) {
      this.choose(item);
      details.open();
      this.focus(item);
      follow(this, item);
    } else {
      this.choose(item);
    }
  }

  key(e) {
    const item = this.itemAt(e.target);
    if (!item || e.ctrlKey || e.metaKey || e.altKey) {
      return;
    }
    if (e.key.startsWith("Arrow")) {
      const next = this.neighbour(item, e.key);
      if (next && next.element) {
        this.choose(next);
        this.focus(next);
        this.see(next);
      }
    } else if (e.key === "Enter" || e.key === " ") {
      if (this.canOpen(item)) {
        this.toggle(item);
      } else {
        this.choose(item);
        details.open();
      }
    } else {
      return;
    }
    e.preventDefault();
    e.stopPropagation();
  }

  // Finding

  /** All boxes by their graph and number, with how to get there: made when first needed. */
  places() {
    if (!this.all_) {
      this.all_ = [];
      const seen = new Set([0]);
      const queue = [{ graph: 0, way: [] }];
      for (let next = 0; next < queue.length; next++) {
        const { graph, way } = queue[next];
        const g = this.model.graphs[graph];
        const chains = clusterChains(g);
        g.b.forEach((spec, number) => {
          const here = { graph, number, spec, way, chain: chains[number] };
          this.all_.push(here);
          (spec.g || []).forEach((body, i) => {
            if (!seen.has(body[1])) {
              seen.add(body[1]);
              queue.push({ graph: body[1], way: [...way, { place: here, body: i }] });
            }
          });
        });
      }
    }
    return this.all_;
  }

  /** The item of a place, with what is around it made. */
  item(place) {
    let root = this.root;
    for (const step of place.way) {
      root = this.within(root, step.place).bodies[step.body];
    }
    return this.within(root, place);
  }

  within(root, place) {
    let cluster = root;
    for (const number of place.chain) {
      cluster = cluster.parts.find((part) => part instanceof Cluster && part.number === number);
    }
    return cluster.parts.find((part) => part instanceof Box && part.number === place.number);
  }
}
