"use strict";
// What all parts of the page use. Names come from models: they are only ever set as text.

const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const GAP = 10;
const LABEL = 22;
const MOST = 6000; // boxes that are shown at once
const KINDS = { input: "input", output: "output", capture: "captured value" };
const byId = (id) => document.getElementById(id);

function svg(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const key in attributes) {
    made.setAttribute(key, attributes[key]);
  }
  if (parent) {
    parent.append(made);
  }
  return made;
}

function html(name, text, parent, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) {
    made.textContent = text;
  }
  if (className) {
    made.className = className;
  }
  if (parent) {
    parent.append(made);
  }
  return made;
}

function say(text) {
  byId("status").textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { byId("status").textContent = ""; }, 4000);
}
