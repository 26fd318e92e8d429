"use strict";
// One clock for videos, plots and events. `data` is written by page.py.
const data = JSON.parse(document.getElementById("data").textContent);
const last = data.frames - 1;
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const make = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};
const percent = (frame) => `${(100 * frame) / Math.max(1, last)}%`;
const own = (node, index) => node.style.setProperty("--own", `var(--c${index % 8})`);

let frame = 0, clock = 0, playing = false, speed = 1, before = 0;

// --- videos: each is kept in the page as text and played from memory
const videos = all("video").map((video) => {
  const text = document.getElementById(`film-${video.dataset.film}`).textContent;
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  video.src = URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));
  video.addEventListener("loadeddata", () => place(video));
  return video;
});
// The middle of a frame's time, where no rounding can reach its neighbour.
const place = (video) => { video.currentTime = (Math.min(frame, frames(video) - 1) + 0.5) / data.fps; };
const frames = (video) => data.sources[video.dataset.source].frames;

// --- the clock
function go(to) {
  frame = Math.min(last, Math.max(0, Math.round(to)));
  clock = frame / data.fps;
  if (!playing) videos.forEach(place);
  show();
}
function play(on) {
  playing = on && last > 0;
  if (playing && frame >= last) go(0);
  one("[data-act=play]").textContent = playing ? "Pause" : "Play";
  for (const video of videos) {
    video.playbackRate = speed;
    if (playing) { place(video); video.play().catch(() => {}); } else { video.pause(); place(video); }
  }
  before = performance.now();
  if (playing) requestAnimationFrame(tick);
}
function tick(now) {
  if (!playing) return;
  clock += (speed * (now - before)) / 1000;
  before = now;
  if (clock * data.fps >= last) { playing = false; go(last); play(false); return; }
  frame = Math.floor(clock * data.fps);
  // Videos run by themselves; one that has drifted by more than two frames is brought back.
  for (const video of videos) {
    if (frame < frames(video) && Math.abs(video.currentTime - clock) > 2 / data.fps) video.currentTime = clock;
  }
  show();
  requestAnimationFrame(tick);
}

// --- what follows the clock
const events = all(".events")[0];
const range = one(".transport input");
const said = one("output");
function show() {
  range.value = frame;
  const phase = data.phases.find((span) => frame >= span.first && frame <= span.last);
  said.textContent = `${(frame / data.fps).toFixed(2)} s · frame ${frame} of ${last}${phase ? ` · ${phase.name}` : ""}`;
  charts.forEach((chart) => chart.follow());
  let now = null;
  for (const row of events.children) {
    row.classList.remove("now");
    if (Number(row.dataset.frame) <= frame) now = row;
  }
  if (now) {
    now.classList.add("now");
    const top = now.offsetTop - events.offsetTop;
    if (top < events.scrollTop || top + now.offsetHeight > events.scrollTop + events.clientHeight) events.scrollTop = top - 40;
  }
}

// --- events and the band of phases
for (const event of data.events) {
  const row = make("li", { className: `${event.kind} ${event.tone}` },
    make("time", { textContent: `${(event.frame / data.fps).toFixed(2)} s` }), make("b", { textContent: event.title }));
  if (event.detail) row.append(make("small", { textContent: event.detail }));
  row.dataset.frame = event.frame;
  if (event.kind === "phase") own(row, event.color);
  row.addEventListener("click", () => go(event.frame));
  events.append(row);
}
const band = one(".band");
for (const span of data.phases) {
  const piece = make("i", { textContent: span.name, title: span.name });
  own(piece, span.color);
  Object.assign(piece.style, { left: percent(span.first), width: percent(span.last + 1 - span.first), background: "var(--own)" });
  band.append(piece);
}
for (const event of data.events) {
  if (event.kind === "phase") continue;
  const dot = make("u", { className: event.tone, title: `${event.title} ${event.detail}` });
  dot.style.left = percent(event.frame);
  dot.addEventListener("click", (click) => { click.stopPropagation(); go(event.frame); });
  band.append(dot);
}
if (data.failing !== null) {
  const mark = make("s", { title: "failing frame" });
  mark.style.left = percent(data.failing);
  band.append(mark);
}
band.addEventListener("click", (click) => {
  const box = band.getBoundingClientRect();
  go((last * (click.clientX - box.left)) / box.width);
});

// --- plots
const margin = { left: 50, right: 8, top: 6, bottom: 18 };
function ticks(low, high, count) {
  const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((nice) => nice * power).find((size) => size >= raw * (1 - 1e-9));
  const found = [];
  for (let n = Math.ceil(low / step); n * step <= high + 1e-9 * step; n += 1) found.push(n * step);
  return found;
}
const short = (value) => (value === null || value === undefined ? "–" : String(Number(value.toPrecision(4))));
class Chart {
  constructor(spec, host) {
    this.spec = spec;
    this.shown = spec.curves.map(() => true);
    this.canvas = make("canvas");
    this.cursor = make("i");
    this.area = make("div", { className: "area" }, this.canvas, this.cursor);
    this.names = make("div", { className: "names" });
    // A dashed line under the name of a solid one is what was commanded: one entry says and hides both.
    const entries = new Map();
    this.values = spec.curves.map((curve, index) => {
      const value = make("b", { className: curve.dashed ? "dashed" : "" });
      if (entries.has(curve.name)) {
        entries.get(curve.name).append(value);
        return value;
      }
      const name = make("span", { className: curve.dashed ? "dashed" : "" }, make("i"), curve.name, value);
      own(name, curve.color);
      name.addEventListener("click", () => {
        const on = !this.shown[index];
        spec.curves.forEach((other, at) => { if (other.name === curve.name) this.shown[at] = on; });
        name.classList.toggle("off", !on);
        this.draw();
      });
      entries.set(curve.name, name);
      this.names.append(name);
      return value;
    });
    host.append(make("figure", { className: "chart" },
      make("figcaption", {}, spec.title, " ", make("small", { textContent: spec.unit })), this.area, this.names));
    const seek = (at) => {
      const box = this.area.getBoundingClientRect();
      go((last * (at.clientX - box.left - margin.left)) / (box.width - margin.left - margin.right));
    };
    this.area.addEventListener("pointerdown", (at) => { if (playing) play(false); seek(at); this.area.setPointerCapture(at.pointerId); });
    this.area.addEventListener("pointermove", (at) => { if (at.buttons & 1) seek(at); });
  }
  limits() {
    let low = Infinity, high = -Infinity;
    const take = (value) => { if (value !== null) { low = Math.min(low, value); high = Math.max(high, value); } };
    this.spec.curves.forEach((curve, index) => { if (this.shown[index]) curve.values.forEach(take); });
    this.spec.bounds.forEach((bound) => take(bound.value));
    if (low > high) return [0, 1];
    const room = 0.07 * (high - low) || 0.05 * Math.abs(high) || 0.05;
    return [low - room, high + room];
  }
  x(at) { return margin.left + (at / Math.max(1, last)) * (this.width - margin.left - margin.right); }
  draw() {
    const ratio = window.devicePixelRatio || 1, box = this.area.getBoundingClientRect();
    this.width = box.width;
    this.canvas.width = Math.round(box.width * ratio);
    this.canvas.height = Math.round(box.height * ratio);
    const pen = this.canvas.getContext("2d"), height = box.height, [low, high] = this.limits();
    const y = (value) => height - margin.bottom - ((value - low) / (high - low)) * (height - margin.top - margin.bottom);
    pen.scale(ratio, ratio);
    pen.font = "10.5px system-ui, sans-serif";
    const text = (words, at, level, align) => { pen.fillStyle = colour("--soft"); pen.textAlign = align; pen.fillText(words, at, level); };
    const rule = (x1, y1, x2, y2, ink, dash = []) => {
      pen.strokeStyle = ink; pen.lineWidth = 1; pen.setLineDash(dash);
      pen.beginPath(); pen.moveTo(x1, y1); pen.lineTo(x2, y2); pen.stroke(); pen.setLineDash([]);
    };
    for (const span of data.phases) {
      pen.fillStyle = colour(`--c${span.color % 8}`);
      pen.fillRect(this.x(span.first), height - margin.bottom, this.x(Math.min(last, span.last + 1)) - this.x(span.first) - 1, 3);
    }
    for (const level of ticks(low, high, 4)) {
      rule(margin.left, Math.round(y(level)) + 0.5, this.width - margin.right, Math.round(y(level)) + 0.5, colour("--rule"));
      text(short(level), margin.left - 6, y(level) + 3.5, "right");
    }
    for (const second of ticks(0, last / data.fps, 6)) text(`${short(second)} s`, this.x(second * data.fps), height - 4, "center");
    for (const bound of this.spec.bounds) {
      rule(margin.left, y(bound.value), this.width - margin.right, y(bound.value), colour("--bad"), [2, 3]);
      text(bound.name, this.width - margin.right - 2, y(bound.value) - 3, "right");
    }
    if (data.failing !== null) rule(this.x(data.failing), margin.top, this.x(data.failing), height - margin.bottom, colour("--bad"), [4, 3]);
    this.spec.curves.forEach((curve, index) => { if (this.shown[index]) this.line(pen, curve, y); });
    this.follow();
  }
  line(pen, curve, y) {
    pen.strokeStyle = colour(`--c${curve.color % 8}`);
    pen.lineWidth = curve.dashed ? 1.2 : 1.6;
    pen.lineJoin = "round";
    pen.setLineDash(curve.dashed ? [5, 3] : []);
    pen.beginPath();
    let up = true;
    curve.values.forEach((value, at) => {
      if (value === null) { up = true; return; }
      if (up) pen.moveTo(this.x(at), y(value)); else pen.lineTo(this.x(at), y(value));
      up = false;
    });
    pen.stroke();
    pen.setLineDash([]);
  }
  follow() {
    this.cursor.style.left = `${this.x(frame)}px`;
    this.values.forEach((value, index) => { value.textContent = short(this.spec.curves[index].values[frame]); });
  }
}
const charts = [];
const chapters = document.getElementById("chapters");
for (const chapter of data.chapters) {
  const host = make("div", { className: "charts" });
  chapters.append(make("div", { className: "chapter" }, make("h2", { textContent: chapter.title }), host));
  chapter.charts.forEach((spec) => charts.push(new Chart(spec, host)));
}
const redraw = () => charts.forEach((chart) => chart.draw());
window.addEventListener("resize", redraw);
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

// --- buttons and keys
const marks = [...new Set(data.events.map((event) => event.frame))].sort((one_, other) => one_ - other);
const acts = {
  play: () => play(!playing),
  back: () => { play(false); go(frame - 1); },
  on: () => { play(false); go(frame + 1); },
  previous: () => go(marks.filter((at) => at < frame).pop() ?? 0),
  next: () => go(marks.find((at) => at > frame) ?? last),
  fail: () => { play(false); go(data.failing ?? last); },
  earlier: () => go(frame - data.fps / 2),
  later: () => go(frame + data.fps / 2),
  start: () => go(0),
  end: () => go(last),
};
const keys = { " ": "play", ",": "back", ".": "on", p: "previous", n: "next", f: "fail", ArrowLeft: "earlier", ArrowRight: "later", Home: "start", End: "end" };
all("[data-act]").forEach((button) => button.addEventListener("click", () => { acts[button.dataset.act](); button.blur(); }));
range.addEventListener("input", () => { if (playing) play(false); go(Number(range.value)); });
one(".controls select").addEventListener("change", (chosen) => {
  speed = Number(chosen.target.value);
  videos.forEach((video) => { video.playbackRate = speed; });
  chosen.target.blur();
});
document.addEventListener("keydown", (key) => {
  const act = keys[key.key];
  if (!act || key.ctrlKey || key.metaKey || key.altKey || key.target.tagName === "SELECT") return;
  key.preventDefault();
  acts[act]();
});

redraw();
const asked = new URLSearchParams(location.hash.slice(1)).get("frame");
go(asked === null ? data.start : Number(asked));
