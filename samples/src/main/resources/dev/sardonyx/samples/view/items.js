// Clusters and boxes, and where they stand when some are open and others closed.

// A cluster or box of a graph as it stands in the drawing. A function's body is made once for each
// call that is opened.

class Cluster {
  constructor(graph, number, parent) {
    this.graph = graph;
    this.number = number;
    this.spec = graph.c[number];
    this.parent = parent;
    this.open = this.spec.e === 1;
    this.made = null;
  }

  get parts() {
    if (!this.made) {
      this.made = [];
      for (let i = 0; i < this.spec.p.length; i += 5) {
        const which = this.spec.p[i];
        this.made.push(which < 0
          ? new Cluster(this.graph, -1 - which, this)
          : new Box(this.graph, which, this));
      }
    }
    return this.made;
  }

  /** Gives sizes and places to all that is visible, from the inside out. */
  layout() {
    const spec = this.spec;
    if (!this.open) {
      this.w = spec.w;
      this.h = spec.h;
      return;
    }
    const xs = [];
    const ys = [];
    this.parts.forEach((part, i) => {
      part.layout();
      const [x, y, w, h] = spec.p.slice(5 * i + 1, 5 * i + 5);
      xs.push([x, x + w, part.w / Math.max(1, w)]);
      ys.push([y, y + h, part.h / Math.max(1, h)]);
    });
    const isSame = (ranges) => ranges.every((r) => Math.abs(r[2] * (r[1] - r[0]) - (r[1] - r[0])) < 1);
    this.fx = isSame(xs) ? (x) => x : stretched(xs);
    this.fy = isSame(ys) ? (y) => y : stretched(ys);
    this.parts.forEach((part, i) => {
      const left = this.fx(xs[i][0]);
      const right = this.fx(xs[i][1]);
      const top = this.fy(ys[i][0]);
      const bottom = this.fy(ys[i][1]);
      part.x = (left + right - part.w) / 2;
      part.y = (top + bottom - part.h) / 2;
    });
    this.w = Math.max(this.fx(spec.W), spec.t.length * 8 + 20);
    this.h = this.fy(spec.H);
  }

  /** Where on its upper or lower side a port is. */
  port(number, ports, share) {
    return this.open ? this.fx(ports[2 * number + 1]) : share * this.w;
  }

  describe() {
    return (this.open ? "Open group " : "Closed group ") + this.spec.t + ", " + this.spec.n;
  }
}

class Box {
  constructor(graph, number, parent) {
    this.graph = graph;
    this.number = number;
    this.spec = graph.b[number];
    this.parent = parent;
    this.open = this.spec.e === 1;
    this.made = null;
  }

  get bodies() {
    if (!this.made) {
      this.made = (this.spec.g || []).map((body) => {
        const root = new Cluster(parentModel(this).graphs[body[1]], 0, this);
        root.open = true;
        return root;
      });
    }
    return this.made;
  }

  layout() {
    this.w = this.spec.w;
    this.h = this.spec.h;
    if (this.open && this.spec.g) {
      let x = GAP;
      let height = 0;
      for (const body of this.bodies) {
        body.layout();
        body.x = x;
        body.y = this.spec.q + LABEL;
        x += body.w + GAP;
        height = Math.max(height, body.h);
      }
      this.w = Math.max(this.w, x);
      this.h = this.spec.q + LABEL + height + GAP;
    }
  }

  describe() {
    const spec = this.spec;
    const kind = spec.k === "node" ? spec.o + (spec.n ? " " + spec.n : "") : KINDS[spec.k] + " " + spec.t;
    const types = spec.r.map((v) => this.graph.v[2 * v + 1]).filter((t) => t);
    return kind + (types.length ? ", " + types.join(", ") : "") + (spec.m ? ", " + spec.m[1] : "");
  }
}

function parentModel(item) {
  while (item.parent) {
    item = item.parent;
  }
  return item.model;
}

/** A monotone map of coordinates in which each range becomes as long as its factor wants. */
function stretched(ranges) {
  const cuts = [...new Set(ranges.flatMap((r) => [r[0], r[1]]))].sort((a, b) => a - b);
  const at = new Map(cuts.map((c, i) => [c, i]));
  const factor = new Array(cuts.length).fill(0);
  for (const [from, to, by] of ranges) {
    for (let i = at.get(from); i < at.get(to); i++) {
      factor[i] = Math.max(factor[i], by);
    }
  }
  const moved = [cuts[0]];
  for (let i = 1; i < cuts.length; i++) {
    moved.push(moved[i - 1] + (cuts[i] - cuts[i - 1]) * (factor[i - 1] || 1));
  }
  return (c) => {
    let low = 0;
    let high = cuts.length - 1;
    if (c <= cuts[0]) {
      return c;
    }
    if (c >= cuts[high]) {
      return moved[high] + c - cuts[high];
    }
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (cuts[middle] <= c) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return moved[low] + (c - cuts[low]) * (factor[low] || 1);
  };
}

function course(points) {
  let path = "M" + points[0][0] + " " + points[0][1];
  for (let i = 1; i < points.length; i++) {
    const [x0, y0] = points[i - 1];
    const [x, y] = points[i];
    const middle = (y0 + y) / 2;
    path += Math.abs(x - x0) < 1
      ? "L" + x + " " + y
      : "C" + x0 + " " + middle + " " + x + " " + middle + " " + x + " " + y;
  }
  return path;
}

/** A text no longer than there is room for. */
function cut(text) {
  const characters = [...text];
  return characters.length <= 36 ? text : characters.slice(0, 35).join("") + "…";
}

const round = (n) => Math.round(n * 10) / 10;

/** For each box of a graph, the clusters around it from the outside in, the root left out. */
function clusterChains(graph) {
  const chains = new Array(graph.b.length);
  const walk = (number, chain) => {
    const spec = graph.c[number];
    for (let i = 0; i < spec.p.length; i += 5) {
      if (spec.p[i] < 0) {
        walk(-1 - spec.p[i], [...chain, -1 - spec.p[i]]);
      } else {
        chains[spec.p[i]] = chain;
      }
    }
  };
  walk(0, []);
  return chains;
}
