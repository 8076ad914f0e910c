"use strict";
const figures = JSON.parse(document.getElementById("figures").textContent);
const settings = { displaylogo: false, displayModeBar: false };
const plots = Object.keys(figures).map((id) => document.getElementById(id));
const FONT = 'Arial, Helvetica, "Liberation Sans", sans-serif';
const ruler = document.createElement("canvas").getContext("2d");

function widthOf(words, size, weight = "normal") {
  ruler.font = `${weight} ${size}px ${FONT}`;
  return ruler.measureText(words).width;
}

/* Words on lines that are no wider than so many pixels; a longer word is cut. */
function wrapped(words, width, size, weight) {
  const lines = [""];
  for (const word of words.split(/\s+/).filter(Boolean)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (widthOf(longer, size, weight) <= width) {
      lines[lines.length - 1] = longer;
      continue;
    }
    if (lines.at(-1)) lines.push("");
    for (const letter of word) {
      if (lines.at(-1) && widthOf(lines.at(-1) + letter, size, weight) > width) lines.push("");
      lines[lines.length - 1] += letter;
    }
  }
  return lines;
}

/* A figure as wide as there is room: what would be cut off or run together is moved. */
function fitted(id, width) {
  const { data, layout } = structuredClone(figures[id]);
  layout.width = width;
  const { xaxis = {}, yaxis = {}, margin } = layout;
  for (const side of ["l", "r"]) {
    const beside = roomBeside(id, side);
    if (beside) margin[side] = width < 400 ? beside : Math.max(margin[side], beside);
  }
  if (xaxis.ticktext?.some((text) => text.includes("<br>")) && margin.b < 48) {
    layout.height += 48 - margin.b;
    margin.b = 48;
  }
  if (xaxis.dtick === "M12" && (width - margin.l - margin.r) / years(data) < 42) xaxis.dtick = "M24";
  if (yaxis.type === "category" && margin.l > 0.36 * width) labelsAbove(data, layout, width);
  return { data, layout };
}

function years(data) {
  const found = data.flatMap((trace) => trace.x ?? []).map((day) => Number(String(day).slice(0, 4)));
  return Math.max(...found) - Math.min(...found);
}

/* Pixels for the labels beside a figure, the same in all figures of a chart; 0 without labels. */
function roomBeside(id, side) {
  const [x, anchor] = side === "l" ? [0, "right"] : [1, "left"];
  const chart = id.replace(/\d+$/, "");
  const rooms = Object.keys(figures)
    .filter((other) => other.replace(/\d+$/, "") === chart)
    .flatMap((other) => figures[other].layout.annotations ?? [])
    .filter((note) => note.xref === "paper" && note.x === x && note.xanchor === anchor)
    .map((note) => Math.abs(note.xshift ?? 0) + 4 + widest(note.text));
  return Math.ceil(Math.max(0, ...rooms));
}

function widest(text) {
  return Math.max(...text.split("<br>").map((line) => widthOf(plain(line), 13)));
}

/* What plotly shows of a text that has been escaped for it. */
function plain(text) {
  return text.replace(/<[^>]*>/g, "").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/* Beside their bars, long labels would leave a phone no room for the bars: they go above them. */
function labelsAbove(data, layout, width) {
  const names = layout.yaxis.categoryarray;
  const texts = names.map((name) => wrapped(plain(name.replace(/<br>/g, " ")), width - 20, 13));
  const most = Math.max(...texts.map((lines) => lines.length));
  const row = 26 + 15 * most;
  const above = (16 + 15 * most) / row;
  layout.annotations = [...(layout.annotations ?? []), ...names.map((name, place) => ({
    text: texts[place].map(escaped).join("<br>"), y: name, yref: "y", yanchor: "bottom", yshift: 9,
    x: 0, xref: "paper", xanchor: "left", align: "left", showarrow: false,
    font: { size: 13 }, bgcolor: "#FFFFFF", borderpad: 0,
  }))];
  Object.assign(layout.yaxis, { showticklabels: false, ticks: "", range: [-0.35, names.length - 1 + above] });
  layout.margin.l = 8;
  layout.height = row * (names.length - 0.65 + above) + layout.margin.t + layout.margin.b;
  for (const trace of data) if (trace.type === "bar") trace.width = 18 / row;
}

function roomFor(plot) {
  return plot.clientWidth || plot.closest(".body").clientWidth;
}

function draw(plot, width, shrunk = 1) {
  const { data, layout } = fitted(plot.id, width);
  if (layout.xaxis.type === "date" || layout.xaxis.type === "category") layout.height *= shrunk;
  Plotly.react(plot, data, layout, settings);
}

function fit() {
  for (const plot of plots) if (plot.clientWidth && plot.clientWidth !== plot.layout.width) draw(plot, plot.clientWidth);
}

for (const plot of plots) draw(plot, roomFor(plot));
let waiting;
window.addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(fit, 150);
});
document.addEventListener("toggle", fit, true);

/* On paper a figure has the width of the page, not of the window, and nothing stays folded away. */
const PAPER = 680;
let unfolded = [];
window.addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("details.print:not([open])")];
  for (const part of unfolded) part.open = true;
  for (const plot of plots) {
    const many = plot.closest(".many");
    draw(plot, many ? PAPER / 2 - 14 : PAPER, many ? 0.85 : 1);
  }
});
window.addEventListener("afterprint", () => {
  for (const part of unfolded) part.open = false;
  fit();
});

/* A chart as it can be cut out: title, key, figures and source. */
const PICTURE = { width: 720, edge: 20, gap: 24 };
const SVG = document.querySelector("svg").namespaceURI;

function element(parent, name, attributes = {}, words = "") {
  const made = parent.ownerDocument.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = words.replace(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, "");
  parent.append(made);
  return made;
}

/* Writes words on as many lines as they take, and says where the next thing goes. */
function write(root, words, x, y, width, { size = 14, weight = "normal", fill = "#0b0c0c" } = {}) {
  for (const line of wrapped(words, width, size, weight)) {
    y += size * 1.3;
    element(root, "text", { x, y: y - size * 0.3, "font-size": size, "font-weight": weight, fill }, line);
  }
  return y;
}

function writeKey(root, key, x, y, width) {
  let at = x;
  y += 4;
  for (const entry of key.children) {
    const words = entry.textContent.trim();
    const room = 42 + widthOf(words, 13);
    if (at > x && at + room > x + width) [at, y] = [x, y + 19];
    const sample = element(root, "g", { transform: `translate(${at} ${y})` });
    for (const shape of entry.querySelector("svg").children) sample.append(root.ownerDocument.importNode(shape, true));
    element(root, "text", { x: at + 40, y: y + 12, "font-size": 13, fill: "#0b0c0c" }, words);
    at += room + 14;
  }
  return y + 20;
}

async function drawing(plot, width) {
  const { data, layout } = fitted(plot.id, width);
  const wanted = { format: "svg", width, height: layout.height, imageDataOnly: true };
  const text = await Plotly.toImage({ data, layout, config: settings }, wanted);
  const node = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  return { node, height: layout.height };
}

/* Panels stand in rows, their figures on one line; each has its heading and, if it differs, its key. */
async function writePanels(root, panels, y) {
  const many = panels.length > 1 ? 2 : 1;
  const width = (PICTURE.width - 2 * PICTURE.edge - (many - 1) * PICTURE.gap) / many;
  for (let first = 0; first < panels.length; first += many) {
    const made = [];
    for (const [place, panel] of panels.slice(first, first + many).entries()) {
      const x = PICTURE.edge + place * (width + PICTURE.gap);
      const heading = panel.querySelector("h4"), key = panel.querySelector(".key");
      let top = heading ? write(root, heading.textContent, x, y + 6, width, { size: 14, weight: "bold" }) : y;
      if (key) top = writeKey(root, key, x, top, width);
      made.push({ x, top: top + 4, ...(await drawing(panel.querySelector(".plot"), width)) });
    }
    const end = Math.max(...made.map((one) => one.top + one.height));
    for (const { node, x, height } of made) {
      node.setAttribute("x", x);
      node.setAttribute("y", end - height);
      root.append(root.ownerDocument.importNode(node, true));
    }
    y = end + 8;
  }
  return y;
}

async function picture(figure) {
  const said = (selector) => figure.querySelector(selector)?.textContent.trim() ?? "";
  const root = document.implementation.createDocument(SVG, "svg").documentElement;
  const { width, edge } = PICTURE;
  const inner = width - 2 * edge;
  element(root, "title", { id: "title" }, said("h3"));
  element(root, "desc", { id: "desc" }, [...figure.querySelectorAll(".words p")].map((p) => p.textContent).join(" "));
  const ground = element(root, "rect", { width, fill: "#ffffff" });
  let y = write(root, said("h3"), edge, edge - 4, inner, { size: 20, weight: "bold" });
  y = write(root, said(".subtitle"), edge, y + 2, inner, { fill: "#484d50" });
  const key = figure.querySelector(":scope > .key");
  if (key) y = writeKey(root, key, edge, y + 2, inner);
  y = await writePanels(root, [...figure.querySelectorAll(".panel")], y);
  if (said(".source-line")) y = write(root, said(".source-line"), edge, y, inner, { size: 12, fill: "#484d50" });
  const height = Math.ceil(y + edge - 6);
  ground.setAttribute("height", height);
  const own = { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-labelledby": "title desc", "font-family": FONT };
  for (const [name, value] of Object.entries(own)) root.setAttribute(name, value);
  return { text: new XMLSerializer().serializeToString(root), width, height };
}

async function png({ text, width, height }) {
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

const NUMBER = /^[-+\u2212]?£?\d[\d,]*(\.\d+)?%?$/;
const AMOUNT = /^[-+\u2212]?£?\d[\d,]*(\.\d+)?(%|k|m|bn)?( to [-+\u2212]?£?\d[\d,]*(\.\d+)?(%|k|m|bn)?)?$/;

/* A minus that a spreadsheet reads; an apostrophe before what it would take for a formula. */
function cell(text) {
  const words = text.replace(/\u2060/g, "").trim();
  if (NUMBER.test(words)) return words.replace("\u2212", "-");
  const seen = words.replace(/^['\s\p{Cc}\p{Cf}]+/u, "").normalize("NFKC");
  return /^[=+\-@]/.test(seen) && !AMOUNT.test(words) ? `'${words}` : words;
}

function csv(table) {
  const rows = [...table.rows].map((row) => [...row.cells].map((one) => `"${cell(one.textContent).replace(/"/g, '""')}"`));
  return "\uFEFF" + rows.map((row) => row.join(",") + "\r\n").join("");
}

const makers = {
  png: async (figure) => png(await picture(figure)),
  svg: async (figure) => new Blob([(await picture(figure)).text], { type: "image/svg+xml" }),
  csv: async (figure) => new Blob([csv(figure.querySelector("details.data table"))], { type: "text/csv" }),
};

async function take(button) {
  const figure = button.closest("figure"), kind = button.dataset.take;
  const said = figure.querySelector(".said");
  try {
    const url = URL.createObjectURL(await makers[kind](figure));
    const name = `${figure.dataset.file}.${kind}`;
    Object.assign(document.createElement("a"), { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
    said.textContent = `Saved as ${name}`;
  } catch (error) {
    said.textContent = "This could not be made in this browser.";
    throw error;
  }
}

for (const row of document.querySelectorAll(".take")) {
  row.hidden = false;
  row.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) take(button);
  });
}
