// Which names and edge words are written, and where: greedy by importance, in pixels of the screen, never one over another.
const NAMES = 60; const CROWDED = 25; const WORDS = 80;
const ROOM = 560000; // pixels in which that many names have their place; a phone has fewer
const context = document.createElement('canvas').getContext('2d');
const widths = new Map();
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const widthOf = (text, font) => {
  const key = font + text;
  if (!widths.has(key)) { context.font = font; widths.set(key, context.measureText(text).width); }
  return widths.get(key);
};
export const shortened = (text, most) => {
  if (text.length <= most) return text;
  const head = Math.ceil(most * 0.62);
  return `${text.slice(0, head).trimEnd()}…${text.slice(-(most - head - 1)).trimStart()}`;
};
const lines = (text) => {
  if (text.length <= 22) return [text];
  const words = text.split(' '); let first = '';
  while (words.length && `${first} ${words[0]}`.trim().length <= 22) first = `${first} ${words.shift()}`.trim();
  if (!first) return [shortened(text, 22)];
  return words.length ? [first, shortened(words.join(' '), 22)] : [first];
};

// A grid of boxes that are taken; `weight` says how bad it is to lie on one.
class Taken {
  constructor() { this.cells = new Map(); }
  * near(box) { for (let x = box[0] >> 6; x <= box[2] >> 6; x += 1) for (let y = box[1] >> 6; y <= box[3] >> 6; y += 1) yield x * 4096 + y; }
  * over(box, but) {
    const seen = new Set();
    for (const cell of this.near(box)) for (const one of this.cells.get(cell) ?? []) {
      if (!seen.has(one) && one.owner !== but && box[0] < one.box[2] && box[2] > one.box[0] && box[1] < one.box[3] && box[3] > one.box[1]) { seen.add(one); yield one; }
    }
  }
  free(box, but) { return this.over(box, but).next().done; }
  cost(box, but) { let sum = 0; for (const one of this.over(box, but)) sum += one.weight; return sum; }
  add(box, owner, weight = 1) { const one = { box, owner, weight }; for (const cell of this.near(box)) { if (!this.cells.has(cell)) this.cells.set(cell, []); this.cells.get(cell).push(one); } }
}

const readings = (cy, state, data) => {
  // under the names of the neighbors of what is selected: how they read from it
  const found = new Map(); const from = state.hover ?? state.selected[0];
  if (!from) return found;
  cy.getElementById(from).connectedEdges().forEach((edge) => {
    if (edge.hasClass('off') || edge.data('stub')) return;
    const other = edge.source().id() === from ? edge.target().id() : edge.source().id();
    const [first] = edge.data('relations'); const many = edge.data('relations').length;
    const words = data.predicates[first.predicate];
    let text = many > 1 ? `${many} relations` : (first.subject === from ? words.words : words.back);
    if (many === 1 && first.note) text += ` ${shortened(first.note, 18)}`;
    found.set(other, edge.hasClass('ended') ? `(ended) ${text}` : text);
  });
  return found;
};

export function placeLabels(cy, state, data, obstacles) {
  const font = css('--font'); const zoom = cy.zoom(); const taken = new Taken(); const wide = cy.width(); const high = cy.height();
  const visible = cy.nodes().filter((node) => !node.hasClass('off'));
  const share = Math.min(1, (wide * high) / ROOM); const names = Math.ceil(NAMES * share); const crowded = Math.ceil(CROWDED * share);
  const counts = visible.map((node) => node.data('shown') ?? 0).sort((a, b) => b - a);
  const big = Math.max(4, counts[Math.min(counts.length - 1, crowded - 1)] ?? 0);
  visible.forEach((node) => {
    if (node.hasClass('dim')) return;
    const at = node.renderedPosition(); const half = node.renderedWidth() / 2 * 0.92; const tall = node.renderedHeight() / 2 * 0.92;
    taken.add([at.x - half, at.y - tall, at.x + half, at.y + tall], node.id(), node.data('stub') ? 1e4 : node.data('shown') >= big ? 1e3 : 1);
  });
  for (const box of obstacles()) taken.add(box, 'page', 1e6);
  const selected = new Set(state.selected); const told = readings(cy, state, data);
  const rank = (node) => (selected.has(node.id()) || node.id() === state.hover ? 2e6 : 0) + (node.hasClass('focus') ? 1e6 : 0) + (told.has(node.id()) ? 1e4 : 0) + node.data('shown') + node.data('degree') / 1e5;
  const order = visible.filter((node) => {
    const at = node.renderedPosition();
    return !node.data('stub') && at.x > -40 && at.y > -40 && at.x < wide + 40 && at.y < high + 40;
  }).toArray().sort((a, b) => rank(b) - rank(a) || (a.id() < b.id() ? -1 : 1));
  let written = 0;
  cy.batch(() => {
    for (const node of order) {
      const size = node.hasClass('focus') ? 14 : 12; const face = `${size > 12 ? '700 ' : ''}${size}px ${font}`;
      const text = told.has(node.id()) ? [shortened(node.data('name'), 26), told.get(node.id())] : lines(node.data('name'));
      if (node.data('more') && !told.has(node.id())) text[text.length - 1] += `  +${node.data('more')}`;
      const w = Math.max(...text.map((line) => widthOf(line, face))); const h = text.length * size * 1.18;
      const at = node.renderedPosition(); const r = node.renderedHeight() / 2;
      const sides = {
        b: [at.x - w / 2 - 3, at.y + r + 1, at.x + w / 2 + 3, at.y + r + 3 + h], r: [at.x + r + 2, at.y - h / 2, at.x + r + 6 + w, at.y + h / 2],
        l: [at.x - r - 6 - w, at.y - h / 2, at.x - r - 2, at.y + h / 2], t: [at.x - w / 2 - 3, at.y - r - 3 - h, at.x + w / 2 + 3, at.y - r - 1],
      };
      const inside = (box) => box[0] > 2 && box[2] < wide - 2 && box[1] > 2 && box[3] < high - 2;
      const must = selected.has(node.id()) || node.id() === state.hover || node.hasClass('focus');
      let side = null;
      if (must || written < names) side = [...'brlt'].find((one) => inside(sides[one]) && taken.free(sides[one], node.id())) ?? null;
      if (!side && (must || written < crowded)) {
        // the first ones may lie on small nodes, never on another name
        let least = must ? Infinity : 1e3;
        for (const one of 'brlt') { const cost = inside(sides[one]) ? taken.cost(sides[one], node.id()) : Infinity; if (cost < least) { least = cost; side = one; } }
        if (!side && must) side = 'b';
      }
      if (side) { taken.add(sides[side], node.id(), 1e3); node.data({ caption: text.join('\n'), side }); node.addClass('lab'); written += 1; } else node.removeClass('lab');
    }
    words(cy, state, taken, font, zoom);
  });
  return written;
}

function words(cy, state, taken, font, zoom) {
  const from = state.hover ?? state.selected[0];
  const edges = cy.edges().filter((edge) => !edge.hasClass('off') && !edge.data('stub') && !edge.source().hasClass('off') && !edge.target().hasClass('off')).toArray();
  const all = !from && (edges.length <= WORDS || zoom > 1.15);
  const rank = (edge) => (edge.source().hasClass('focus') || edge.target().hasClass('focus') ? 100 : 0) + (edge.data('relations').length > 1 ? 50 : 0) + (edge.data('share') ?? 0);
  edges.sort((a, b) => rank(b) - rank(a) || (a.id() < b.id() ? -1 : 1));
  for (const edge of edges) {
    let done = false;
    if (all) {
      const a = edge.source().renderedPosition(); const b = edge.target().renderedPosition();
      const dx = b.x - a.x; const dy = b.y - a.y; const long = Math.hypot(dx, dy); const r = edge.source().renderedWidth() / 2;
      const w = widthOf(edge.data('word'), `11px ${font}`) + 6;
      if (long - r - edge.target().renderedWidth() / 2 > w + 10) {
        const cos = dx / long; const sin = dy / long;
        for (const part of [0.5, 0.38, 0.62, 0.27, 0.73]) {
          if (long * Math.min(part, 1 - part) < w / 2 + r * 0.8) continue;
          const x = a.x + dx * part; const y = a.y + dy * part; const boxes = [];
          // a turned word is covered by small boxes along its line
          for (let i = 0, n = Math.max(1, Math.ceil(w / 12)); i < n; i += 1) { const t = ((i + 0.5) / n - 0.5) * w; boxes.push([x + cos * t - 7, y + sin * t - 8, x + cos * t + 7, y + sin * t + 8]); }
          if (boxes.every((box) => taken.free(box, edge.id()))) {
            boxes.forEach((box) => taken.add(box, edge.id(), 1e3)); done = true;
            edge.data('wordAt', part === 0.5 ? 0 : (long * part - r) / zoom);
            break;
          }
        }
      }
    }
    edge.toggleClass('word', done); edge.toggleClass('aside', done && Boolean(edge.data('wordAt')));
  }
}
