"use strict";
// Draws the charts. Names come from models and files: they are only ever set as text. Colours are
// those of the style sheet, so that the browser changes them for dark pages and for paper.

const SYMBOLS = ["circle", "rect", "triangle", "diamond"];
const DASHES = ["solid", "dashed", "dotted"];
const COLOURS = 8;
const MANY_POINTS = 30;
const MANY = 60; // places along an axis that are not all seen at once

function html(name, text, parent, className) {
  const made = document.createElement(name);
  if (text) {
    made.textContent = text;
  }
  if (className) {
    made.className = className;
  }
  parent.append(made);
  return made;
}

// As ShortNumber does.
function text(number) {
  if (!Number.isFinite(number)) {
    return Number.isNaN(number) ? "" : number > 0 ? "infinite" : "-infinite";
  }
  const size = Math.abs(number);
  if (number === 0 || (Number.isInteger(number) && size < 1e9)) {
    return number.toLocaleString("en-US");
  }
  if (size >= 1e-3 && size < 1e6) {
    const rounded = Number(number.toPrecision(4));
    return Math.abs(rounded) < 1000 ? String(rounded) : rounded.toLocaleString("en-US");
  }
  const [digits, exponent] = number.toExponential(3).split("e");
  return Number(digits) + "e" + Number(exponent);
}

// JSON has neither NaN nor infinity.
const numbers = (list) => list.map((n) => (n === null ? NaN : Number(n)));

// Where an axis begins and ends, what is marked along it, and where a number is drawn. A logarithmic
// one has a place for zeros below all other numbers, and one for infinities above.
function scale(axis, all) {
  return axis.log ? logarithmic(all) : linear(axis, all);
}

function linear(axis, all) {
  const finite = all.filter(Number.isFinite);
  return {
    min: axis.lowest === null ? undefined : Math.min(axis.lowest, ...finite),
    max: axis.highest === null ? undefined : Math.max(axis.highest, ...finite),
    minInterval: finite.every(Number.isInteger) ? 1 : 0,
    at: (n) => (Number.isFinite(n) ? n : null),
    label: text,
  };
}

function logarithmic(all) {
  const positive = all.filter((n) => n > 0 && Number.isFinite(n));
  const low = positive.length ? positive.reduce((a, b) => Math.min(a, b)) : 1;
  const high = positive.length ? positive.reduce((a, b) => Math.max(a, b)) : 1;
  const inside = steps(low, high);
  const zero = all.some((n) => n <= 0) ? inside[0] - gap(inside) : null;
  const infinity = all.includes(Infinity) ? inside[inside.length - 1] + gap(inside) : null;
  const ticks = [...(zero === null ? [] : [zero]), ...inside, ...(infinity === null ? [] : [infinity])];
  return {
    min: ticks[0],
    max: ticks[ticks.length - 1],
    ticks,
    at: (n) => (Number.isNaN(n) ? null : n <= 0 ? zero : n === Infinity ? infinity : Math.log10(n)),
    label: (n) => (n === zero ? "0" : n === infinity ? "\u221e" : text(Number((10 ** n).toPrecision(1)))),
  };
}

// Logarithms of round numbers from one below the lowest to one above the highest.
function steps(low, high) {
  const bottom = Math.floor(Math.log10(low) + 1e-9);
  const top = Math.ceil(Math.log10(high) - 1e-9);
  const found = [];
  if (top - bottom > 3) {
    const step = Math.ceil((top - bottom) / 8);
    for (let power = bottom; power < top + step; power += step) {
      found.push(power);
    }
    return found;
  }
  for (let power = bottom; power <= top; power++) {
    [1, 2, 5].forEach((digit) => found.push(power + Math.log10(digit)));
  }
  const first = found.findLastIndex((n) => n <= Math.log10(low) + 1e-9);
  const last = found.findIndex((n) => n >= Math.log10(high) - 1e-9);
  return found.slice(first, Math.max(last, first + 1) + 1);
}

const gap = (inside) => Math.max(1, (inside[inside.length - 1] - inside[0]) / 8);

const tone = (chart, place) => chart.tones[place] || "plain";

// Lines differ in colour and in their points, or, of many points, in their dashes.
function style(chart, index) {
  const isLimit = chart.series[index].form === "limit";
  const isMany = chart.labels.length > MANY_POINTS;
  return {
    colour: isLimit ? "var(--text)" : "var(--c" + (index % COLOURS) + ")",
    symbol: isLimit || isMany ? "none" : SYMBOLS[index % SYMBOLS.length],
    dash: isLimit ? "dashed" : DASHES[(isMany ? index : Math.floor(index / SYMBOLS.length)) % DASHES.length],
  };
}

function drawn(series, index, chart, x, y) {
  const { colour, symbol, dash } = style(chart, index);
  const isAlone = series.values.filter((n) => !Number.isNaN(n)).length === 1;
  const data = series.values.map((n, place) => {
    const value = x ? [x.at(chart.places[place]), y.at(n)] : y.at(n);
    if (tone(chart, place) === "bad" && series.form !== "limit") {
      return { value, symbol: "triangle", symbolSize: 13, itemStyle: { color: "var(--bad)" } };
    }
    return { value };
  });
  return {
    id: "s" + index,
    name: "s" + index, // names need not differ
    type: series.form === "bars" ? "bar" : "line",
    data,
    connectNulls: true,
    symbol: isAlone ? SYMBOLS[0] : symbol,
    symbolSize: 7,
    showAllSymbol: true,
    lineStyle: { color: colour, width: series.form === "limit" ? 1.5 : 2, type: dash },
    itemStyle: { color: colour },
    barMaxWidth: 40,
    emphasis: { disabled: true },
  };
}

function axis(scale, isX) {
  const only = scale.ticks ? { customValues: scale.ticks } : {};
  return {
    type: "value",
    min: scale.min,
    max: scale.max,
    startValue: scale.ticks && scale.min, // of bars
    minInterval: scale.minInterval,
    axisLabel: { color: "var(--dim)", formatter: scale.label, hideOverlap: true, ...only },
    axisLine: { show: isX, onZero: false, lineStyle: { color: "var(--border)" } },
    axisTick: { show: isX, lineStyle: { color: "var(--border)" }, ...only },
    splitLine: { show: !isX, lineStyle: { color: "var(--line)" } },
  };
}

function names(chart, width) {
  const each = (width - 60) / chart.labels.length;
  const fits = each > 90;
  return {
    type: "category",
    data: chart.labels,
    axisLabel: {
      color: "var(--dim)", lineHeight: 15, hideOverlap: !fits, interval: fits ? 0 : "auto", rotate: fits ? 0 : 40, width: fits ? each - 10 : 110,
      overflow: fits ? "break" : "truncate",
    },
    axisLine: { onZero: false, lineStyle: { color: "var(--border)" } },
    axisTick: { lineStyle: { color: "var(--border)" } },
  };
}

function zoom() {
  const line = { color: "var(--border)" };
  return {
    type: "slider", height: 22, bottom: 4, showDataShadow: false, borderColor: "var(--border)", fillerColor: "transparent",
    handleStyle: { color: "var(--panel)", borderColor: "var(--text)" }, moveHandleStyle: line,
    textStyle: { color: "var(--dim)" }, brushSelect: false, emphasis: { handleStyle: line, moveHandleStyle: line },
  };
}

function option(chart, tip, width) {
  const y = scale(chart.y, chart.series.flatMap((series) => series.values));
  const x = chart.places.length ? scale(chart.x, chart.places) : null;
  const isLong = !x && chart.labels.length > MANY;
  return {
    animation: false,
    textStyle: { fontFamily: "system-ui, sans-serif" },
    grid: { left: 4, right: 22, top: 12, bottom: isLong ? 44 : 4, containLabel: true },
    legend: { show: false },
    xAxis: x ? axis(x, true) : names(chart, width),
    yAxis: axis(y, false),
    dataZoom: isLong ? [zoom()] : [],
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: "var(--panel)",
      borderColor: "var(--border)",
      textStyle: { color: "var(--text)" },
      axisPointer: { type: "line", lineStyle: { color: "var(--dim)" }, label: { show: false } },
      formatter: (shown) => tip(shown[0].dataIndex),
    },
    series: chart.series.map((series, i) => drawn(series, i, chart, x, y)),
  };
}

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  circle: "M17 3a4 4 0 1 0 .01 0z", rect: "M13 3h8v8h-8z", triangle: "M17 2l5 9h-10z", diamond: "M17 1l5 6l-5 6l-5-6z", none: "",
};

// What stands for a series in the legend.
function sample(chart, index) {
  const { colour, symbol, dash } = style(chart, index);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 34 14");
  svg.setAttribute("aria-hidden", "true");
  const add = (d, attributes) => {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    for (const key in attributes) {
      path.setAttribute(key, attributes[key]);
    }
    svg.append(path);
  };
  if (chart.series[index].form === "bars") {
    add("M8 1h18v12h-18z", { fill: colour });
  } else {
    add("M1 7h32", { stroke: colour, "stroke-width": 2, "stroke-dasharray": { solid: "none", dashed: "6 4", dotted: "2 3" }[dash] });
    add(SHAPES[symbol], { fill: colour });
  }
  return svg;
}

// What a place is called where it is told about.
function named(chart, place) {
  return chart.labels[place] + { plain: "", good: ": PASS", bad: ": FAIL" }[tone(chart, place)];
}

function draw(figure, chart) {
  chart.places = numbers(chart.places);
  chart.series.forEach((series) => { series.values = numbers(series.values); });
  const plot = figure.querySelector(".plot");
  const hidden = new Set();
  const lines = (place) => chart.series
    .filter((series, i) => !hidden.has(i) && !Number.isNaN(series.values[place]))
    .map((series) => series.name + ": " + text(series.values[place]));
  const tip = (place) => {
    const box = document.createElement("div");
    box.className = "tip";
    html("b", named(chart, place), box);
    lines(place).forEach((line) => html("span", line, box));
    return box;
  };
  const instance = echarts.init(plot, null, { renderer: "svg" });
  instance.setOption(option(chart, tip, plot.clientWidth));
  new ResizeObserver(() => {
    if (isOnPaper) {
      return;
    }
    instance.resize();
    if (!chart.places.length) {
      instance.setOption({ xAxis: names(chart, plot.clientWidth) });
    }
  }).observe(plot);
  legend(figure, chart, hidden, instance);
  keys(figure, chart, hidden, instance, lines);
  return instance;
}

function legend(figure, chart, hidden, instance) {
  const place = figure.querySelector(".legend");
  if (chart.tones.includes("bad")) {
    html("p", "\u25b2 FAIL", place, "failed");
  }
  if (chart.series.length < 2) {
    return;
  }
  chart.series.forEach((series, i) => {
    const button = html("button", null, place);
    button.type = "button";
    button.setAttribute("aria-pressed", "true");
    button.append(sample(chart, i));
    html("span", series.name, button);
    button.addEventListener("click", () => {
      const show = hidden.delete(i);
      if (!show) {
        hidden.add(i);
      }
      button.setAttribute("aria-pressed", String(show));
      instance.dispatchAction({ type: show ? "legendSelect" : "legendUnSelect", name: "s" + i }, { flush: true });
    });
  });
}

// Arrows go from place to place, which is shown and told.
function keys(figure, chart, hidden, instance, lines) {
  const status = figure.querySelector("[role=status]");
  let place = -1;
  const show = (to) => {
    place = Math.max(0, Math.min(chart.labels.length - 1, to));
    const series = chart.series.findIndex((one, i) => !hidden.has(i) && !Number.isNaN(one.values[place]));
    if (series >= 0) {
      instance.dispatchAction({ type: "showTip", seriesIndex: series, dataIndex: place });
    }
    status.textContent = [named(chart, place), ...lines(place)].join(", ");
  };
  const moves = {
    ArrowRight: () => show(place + 1), ArrowLeft: () => show(place - 1),
    Home: () => show(0), End: () => show(chart.labels.length - 1),
    Escape: () => instance.dispatchAction({ type: "hideTip" }),
  };
  const plot = figure.querySelector(".plot");
  plot.addEventListener("keydown", (e) => {
    if (moves[e.key] && !e.ctrlKey && !e.metaKey && !e.altKey) {
      moves[e.key]();
      e.preventDefault();
    }
  });
  plot.addEventListener("blur", () => instance.dispatchAction({ type: "hideTip" }));
}

let isOnPaper = false;
const charts = JSON.parse(document.getElementById("data").textContent);
document.querySelectorAll("figure.chart").forEach((figure, i) => draw(figure, charts[i]));

// On paper the drawings stay as they are and are scaled to the width of the page.
addEventListener("beforeprint", () => {
  isOnPaper = true;
  document.querySelectorAll(".plot svg").forEach((svg) =>
    svg.setAttribute("viewBox", "0 0 " + svg.getAttribute("width") + " " + svg.getAttribute("height")));
});
addEventListener("afterprint", () => {
  isOnPaper = false;
  document.querySelectorAll(".plot svg").forEach((svg) => svg.removeAttribute("viewBox"));
});

const button = document.getElementById("theme");
const isDark = () => {
  const set = document.documentElement.dataset.theme;
  return set ? set === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};
const label = () => { button.textContent = isDark() ? "Light" : "Dark"; };
button.hidden = false;
button.addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  label();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
label();
