// A chart over environment steps: faint raw values, a smoothed line per run, one cursor over all charts.
import { count, element, number } from './format.js';

const svgNames = 'http://www.w3.org/2000/svg';
const left = 46;
const right = 8;
const top = 6;
const bottom = 20;
const charts = new Set();
let cursorStep = null;
let smoothing = 0;
let onCursor = () => {};

/** Weight of what came before in the moving average, 0 to 1; redraws every chart. */
export function smooth(weight) {
  smoothing = weight;
  for (const chart of charts) chart.draw();
}

/** Calls back with the step under the pointer, null when it has left. */
export function watchCursor(callback) {
  onCursor = callback;
}

export class Chart {
  #svg = svg('svg', { role: 'img' });
  #newest = element('span');
  #lines = [];
  #scale = null;

  constructor(title, height) {
    this.title = title;
    this.height = height;
    this.target = null;
    this.element = element('div', { className: 'chart' }, element('header', {}, element('h3', { textContent: title, title }), this.#newest), this.#svg);
    this.#svg.addEventListener('pointermove', (event) => this.#point(event));
    this.#svg.addEventListener('pointerleave', () => moveCursor(null));
    charts.add(this);
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  /** Lines as [{ name, colour (0 to 6), steps, values }]; target is a value to reach, or null. */
  show(lines, target = null) {
    this.#lines = lines.filter((line) => line.steps.length > 0);
    this.target = target;
    this.draw();
  }

  draw() {
    const width = this.#svg.clientWidth;
    if (width === 0) return;
    const lines = this.#lines.map((line) => ({ ...line, smooth: average(line.values, smoothing) }));
    const [low, high, unit] = range(lines, this.target);
    const last = Math.max(1, ...lines.map((line) => line.steps.at(-1)));
    const x = (step) => left + (step / last) * (width - left - right);
    const y = (value) => this.height - bottom - ((value - low) / (high - low)) * (this.height - top - bottom);
    this.#scale = { x, y, last, width, lines };

    const parts = [];
    for (let value = low; value <= high + unit / 2; value += unit) {
      parts.push(line('grid', left, y(value), width - right, y(value)));
      parts.push(label(number(Math.abs(value) < unit / 1e6 ? 0 : value), left - 6, y(value) + 4, 'end'));
    }
    const stretch = nice(last, Math.max(2, Math.floor(width / 90)));
    for (let step = 0; step <= last * 1.0001; step += stretch) {
      parts.push(label(count(step), Math.min(x(step), width - right), this.height - 5, step === 0 ? 'start' : step + stretch > last && x(step) > width - 30 ? 'end' : 'middle'));
    }
    parts.push(line('axis', left, this.height - bottom, width - right, this.height - bottom));
    if (this.target !== null) parts.push(line('target', left, y(this.target), width - right, y(this.target)));

    const clip = svg('svg', { x: left, y: 0, width: width - left - right, height: this.height - bottom + 1, viewBox: `${left} 0 ${width - left - right} ${this.height - bottom + 1}` });
    for (const each of lines) {
      if (smoothing > 0) clip.append(path(each, each.values, 'raw', x, y));
      clip.append(path(each, each.smooth, 'curve', x, y));
    }
    parts.push(clip);
    this.#svg.setAttribute('height', this.height);
    this.#svg.replaceChildren(...parts);
    this.#cursor();
  }

  /** Marks what each line is at the cursor, else tells the newest values. */
  #cursor() {
    if (this.#scale === null) return;
    const { x, y, last, lines } = this.#scale;
    for (const old of this.#svg.querySelectorAll('.mark')) old.remove();
    const at = lines.map((each) => ({ each, index: cursorStep === null ? each.steps.length - 1 : nearest(each.steps, cursorStep) }));
    this.#newest.replaceChildren(...at.map(({ each, index }) => element('b', { className: lines.length > 1 ? `run-${each.colour}` : '', textContent: number(each.smooth[index]) })));
    this.#svg.setAttribute('aria-label', `${this.title}: ${at.map(({ each, index }) => `${each.name} ${number(each.smooth[index])} at step ${count(each.steps[index])}`).join(', ')}`);
    if (cursorStep === null || cursorStep > last) return;
    const marks = svg('g', { class: 'mark' });
    marks.append(line('cursor', x(cursorStep), top, x(cursorStep), this.height - bottom));
    for (const { each, index } of at) {
      const height = y(each.smooth[index]);
      if (height >= 0) marks.append(svg('circle', { class: `run-${each.colour}`, cx: x(each.steps[index]), cy: height, r: 3 }));
    }
    this.#svg.append(marks);
  }

  #point(event) {
    if (this.#scale === null) return;
    const across = (event.offsetX - left) / (this.#scale.width - left - right);
    moveCursor(Math.max(0, Math.min(1, across)) * this.#scale.last);
  }

  static moveAll() {
    for (const chart of charts) chart.#cursor();
  }
}

function moveCursor(step) {
  cursorStep = step;
  onCursor(step);
  Chart.moveAll();
}

// A moving average that begins at the first value; its weight counts what it has seen so far.
function average(values, weight) {
  let sum = 0;
  let total = 0;
  return values.map((value) => {
    sum = sum * weight + value;
    total = total * weight + 1;
    return sum / total;
  });
}

// From the smoothed lines and nearly all of the raw values: one spike must not flatten the rest.
function range(lines, target) {
  let [low, high] = [Infinity, -Infinity];
  for (const each of lines) {
    const sorted = [...each.values].sort((a, b) => a - b);
    const cut = Math.floor(sorted.length / 100);
    low = Math.min(low, sorted[cut], ...each.smooth);
    high = Math.max(high, sorted[sorted.length - 1 - cut], ...each.smooth);
  }
  if (target !== null) [low, high] = [Math.min(low, target), Math.max(high, target)];
  if (!Number.isFinite(low)) [low, high] = [0, 1];
  if (low > 0 && low < high / 2) low = 0;
  const least = Math.max(1e-6, 0.04 * Math.max(Math.abs(low), Math.abs(high)));
  if (high - low < least) [low, high] = [(low + high - least) / 2, (low + high + least) / 2];
  const unit = nice(high - low, 4);
  return [Math.floor(low / unit + 1e-9) * unit, Math.ceil(high / unit - 1e-9) * unit, unit];
}

// 1, 2 or 5 times a power of ten, about `parts` of which make the range.
function nice(size, parts) {
  const power = 10 ** Math.floor(Math.log10(size / parts));
  const ratio = size / parts / power;
  return (ratio < 1.5 ? 1 : ratio < 3 ? 2 : ratio < 7 ? 5 : 10) * power;
}

function nearest(steps, step) {
  let [low, high] = [0, steps.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (steps[middle] < step) low = middle;
    else high = middle;
  }
  return step - steps[low] < steps[high] - step ? low : high;
}

function path(each, values, kind, x, y) {
  const points = each.steps.map((step, i) => `${x(step).toFixed(1)} ${Math.max(-1e4, Math.min(1e4, y(values[i]))).toFixed(1)}`);
  if (points.length === 1) points.push(points[0]);
  return svg('path', { class: `${kind} run-${each.colour}`, d: `M${points.join('L')}` });
}

function line(kind, x1, y1, x2, y2) {
  return svg('line', { class: kind, x1, y1, x2, y2 });
}

function label(text, x, y, anchor) {
  const made = svg('text', { x, y, 'text-anchor': anchor });
  made.textContent = text;
  return made;
}

function svg(tag, attributes) {
  const made = document.createElementNS(svgNames, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
