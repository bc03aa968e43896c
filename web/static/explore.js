// The canvas with its list: the same selection in both, everything by keyboard, state in the address.
import { element, hints, keys, post } from './page.js';
import { drawer } from './drawer.js';
import { placeLabels, shortened } from './labels.js';
import { sizeOf, styleOf } from './style.js';

const $ = (selector) => document.querySelector(selector);
const main = $('main'); const stage = $('.stage'); const SVG = 'http://www.w3.org/2000/svg';
const base = main.dataset.base; const aspect = () => (stage.clientWidth / Math.max(1, stage.clientHeight) < 0.9 ? 0.7 : 1.2);
const state = { selected: [], hover: null, at: 0, types: new Set(), predicates: new Set(), ended: false, way: [], view: main.dataset.view || null, past: [] };
let data = { nodes: [], edges: [], types: {}, predicates: {} }; let cy = null;
const zoomOf = () => (cy ? cy.zoom() : 1);
const say = (text) => { $('#said').textContent = text; };
const plural = (count, one, many = `${one}s`) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
const mark = (svg) => document.importNode(new DOMParser().parseFromString(svg, 'text/html').body.firstElementChild, true);
const dot = (type) => mark(data.types[type].dot);
const line = (family, arrow) => {
  const svg = document.createElementNS(SVG, 'svg'); svg.setAttribute('class', `ln f-${family}`); svg.setAttribute('viewBox', '0 0 26 10'); svg.setAttribute('aria-hidden', 'true');
  const tips = { triangle: 'M16 0l9 5-9 5z', vee: 'M17 1l8 4-8 4', diamond: 'M13 5l6-4 6 4-6 4z', tee: 'M24 0v10', none: '' };
  for (const [shape, kind] of [['M0 5h23', ''], [tips[arrow] ?? '', arrow === 'triangle' || arrow === 'diamond' ? 'tip' : '']]) {
    const path = document.createElementNS(SVG, 'path'); path.setAttribute('d', shape); if (kind) path.setAttribute('class', kind); svg.append(path);
  }
  return svg;
};
const asOf = (address) => { if (main.dataset.asOf) address.searchParams.set('as_of', main.dataset.asOf); if (main.dataset.before) address.searchParams.set('compare', main.dataset.before); return address; };
const ask = async (name, body) => { const found = await post(asOf(new URL(`${base}/${name}.json`, location)).href, { ids: data.nodes.map((one) => one.id), focus: data.nodes.filter((one) => one.focus).map((one) => one.id), places: places(), aspect: aspect(), ...body }); return found.edges ? filled(found) : found; };
const places = () => Object.fromEntries((cy ? cy.nodes().filter((one) => !one.data('stub')).toArray() : []).map((one) => [one.id(), [Math.round(one.position('x') * 10) / 10, Math.round(one.position('y') * 10) / 10]]));
const entityAddress = (id) => main.dataset.entity.replace('NAME', encodeURIComponent(id.replace(/[~/\\]/g, (one) => `~${one.charCodeAt(0).toString(16).toUpperCase()}`)));
// what the server leaves out because it can be told from the rest
function filled(found) {
  found.edges.forEach((edge, index) => {
    for (const one of edge.relations) { one.holds ??= true; [one.subject, one.object] = one.reversed ? [edge.target, edge.source] : [edge.source, edge.target]; }
    const first = edge.relations.find((one) => one.holds) ?? edge.relations[0]; const words = found.predicates[first.predicate];
    if (first.reversed) [edge.source, edge.target] = [edge.target, edge.source];
    Object.assign(edge, { id: `e${index}`, family: words.family, arrow: words.arrow, ended: !first.holds, change: edge.relations.find((one) => one.change)?.change, word: edge.relations.length === 1 ? words.words : `${edge.relations.length} relations` });
  });
  return found;
}
const problem = (error) => say(error.problem ? `${error.message}${error.problem.hint ? ` (${error.problem.hint})` : ''}` : 'The server did not answer; try again.');

// what is asked of the server is asked one after the other, each of what the one before it left on the canvas
let turn = Promise.resolve();
const inTurn = (doing) => { turn = turn.then(doing).catch(problem); };

const lists = drawer($('#drawer'), { table: $('#table'), timeline: $('#timeline') }, () => ({ data, state }), (id) => { select(id); $('#tw')?.focus(); });
function aside(kind) { lists.toggle(kind); if (cy) { cy.resize(); fit(); cy.style().update(); label(); } }

// -- drawing ----------------------------------------------------------------------------------------------------------

function elements() {
  const found = [];
  for (const node of data.nodes) found.push({ group: 'nodes', data: { ...node }, position: { x: node.x, y: node.y }, classes: node.focus ? 'focus' : '' });
  for (const edge of data.edges) found.push({ group: 'edges', data: { ...edge }, classes: `${edge.ended ? 'ended' : ''} ${edge.change ? `change-${edge.change}` : ''}`.trim() });
  // a stub only where something was cut on purpose: at the focus
  for (const node of data.nodes.filter((one) => one.focus && one.more)) {
    const angle = widestGap(node); const away = sizeOf(node.shown) / 2 + 52;
    found.push({ group: 'nodes', data: { id: `stub ${node.id}`, stub: true, of: node.id, name: `+${node.more.toLocaleString('en')}`, type: node.type, shown: 0, degree: 0 }, position: { x: node.x + Math.cos(angle) * away, y: node.y + Math.sin(angle) * away }, grabbable: false });
    found.push({ group: 'edges', data: { id: `stub edge ${node.id}`, stub: true, source: node.id, target: `stub ${node.id}`, relations: [], family: 'other' } });
  }
  return found;
}
function widestGap(node) {
  const at = new Map(data.nodes.map((one) => [one.id, one]));
  const angles = data.edges.filter((edge) => edge.source === node.id || edge.target === node.id).map((edge) => at.get(edge.source === node.id ? edge.target : edge.source)).map((one) => Math.atan2(one.y - node.y, one.x - node.x)).sort((a, b) => a - b);
  if (!angles.length) return -Math.PI / 2;
  let best = [0, 0];
  angles.forEach((angle, i) => { const gap = (i + 1 < angles.length ? angles[i + 1] : angles[0] + 2 * Math.PI) - angle; if (gap > best[0]) best = [gap, angle + gap / 2]; });
  return best[1];
}
function fit() {
  const shown = cy.nodes(':visible');
  if (!shown.length) return;
  const box = shown.boundingBox({ includeLabels: false }); const narrow = cy.width() < 500; const [left, top, right, bottom] = narrow ? [18, 64, 58, 30] : [70, 60, 80, 40];
  const zoom = Math.min((cy.width() - left - right) / box.w, (cy.height() - top - bottom) / box.h, 1.4);
  cy.viewport({ zoom, pan: { x: left + (cy.width() - left - right) / 2 - zoom * (box.x1 + box.w / 2), y: top + (cy.height() - top - bottom) / 2 - zoom * (box.y1 + box.h / 2) } });
}
const obstacles = () => {
  const frame = $('#cy').getBoundingClientRect();
  return [...document.querySelectorAll('.tools .btn, .zoomer, .menu')].map((one) => one.getBoundingClientRect()).filter((box) => box.width).map((box) => [box.left - frame.left - 3, box.top - frame.top - 3, box.right - frame.left + 3, box.bottom - frame.top + 3]);
};
const label = () => placeLabels(cy, state, data, obstacles);
function restyle() {
  const from = state.hover ?? state.selected[0]; const near = from ? cy.getElementById(from).closedNeighborhood() : null; const chosen = new Set(state.selected);
  cy.batch(() => {
    cy.nodes().forEach((node) => {
      node.toggleClass('off', state.types.has(node.data('type')) && !node.hasClass('focus'));
      node.toggleClass('sel', chosen.has(node.id())); node.toggleClass('way', state.way.includes(node.id()));
    });
    cy.edges().forEach((edge) => {
      const hidden = !edge.data('stub') && (edge.data('relations').every((one) => state.predicates.has(one.predicate)) || (edge.hasClass('ended') && !edge.data('change') && !state.ended));
      edge.toggleClass('off', hidden);
      edge.toggleClass('way', !edge.data('stub') && state.way.includes(edge.source().id()) && state.way.includes(edge.target().id()) && Math.abs(state.way.indexOf(edge.source().id()) - state.way.indexOf(edge.target().id())) === 1);
    });
    cy.elements().forEach((one) => one.toggleClass('dim', Boolean(near) && !near.has(one) && !chosen.has(one.id())));
    // parallel relations are fanned out while their pair is selected: the edge is one, so its details list them
  });
  lists.refresh();
}
function draw({ keep = false } = {}) {
  const view = keep && cy ? { zoom: cy.zoom(), pan: cy.pan() } : null;
  cy?.destroy();
  // what stands beside the canvas first: the room that is left is what the picture is fitted into
  panels();
  cy = window.cytoscape({ container: $('#cy'), elements: elements(), style: styleOf(data, main.dataset.glyph, zoomOf), layout: { name: 'preset', fit: false }, minZoom: 0.08, maxZoom: 4, boxSelectionEnabled: false });
  cy.style().update();
  if (view) cy.viewport(view); else fit();
  let wait;
  cy.on('zoom pan resize', () => { clearTimeout(wait); wait = setTimeout(() => { cy.style().update(); label(); }, 60); });
  cy.on('tap', 'node', (event) => { if (event.target.data('stub')) guard(event.target.data('of')); else select(event.target.id(), event.originalEvent.shiftKey); });
  cy.on('tap', (event) => { if (event.target === cy) { closeMenu(); select(null); } });
  cy.on('dbltap', 'node', (event) => { if (!event.target.data('stub')) guard(event.target.id()); });
  cy.on('mouseover', 'node', (event) => { if (!event.target.data('stub')) { state.hover = event.target.id(); label(); } });
  cy.on('mouseout', 'node', () => { state.hover = null; label(); });
  cy.on('dragfree', 'node', label);
  restyle(); cy.style().update(); label(); buttons();
}
function show(found, { keep = true, said = null, remember = true } = {}) {
  if (remember && data.nodes.length) state.past.push({ data, selected: state.selected, places: places() });
  data = found; state.selected = state.selected.filter((id) => data.nodes.some((one) => one.id === id));
  $('.empty')?.remove();
  draw({ keep });
  say(said ?? counts());
  address();
}
const counts = () => `Showing ${plural(data.nodes.length, 'entity', 'entities')} and ${plural(data.edges.reduce((sum, edge) => sum + edge.relations.filter((one) => one.holds).length, 0), 'relation')}; ${plural(data.notShown, 'neighbor')} not shown${data.nodes.length > Number(main.dataset.soft) ? ' · too many to lay out well: the list has them all' : ''}`;
function address() {
  const url = new URL(base, location); asOf(url);
  for (const node of data.nodes) url.searchParams.append(node.focus ? 'focus' : 'id', node.id);
  if (url.href.length < 30000) history.replaceState(null, '', url);
}

// -- the list, the legend, the details ----------------------------------------------------------------------------------

function panels() { twin(); legend(); changes(); details(); years(); $('#count').textContent = `${data.nodes.length.toLocaleString('en')} of ${data.total.toLocaleString('en')}`; }
const listed = () => { const text = $('#filter').value.trim().toLowerCase(); return [...data.nodes].filter((one) => !text || one.name.toLowerCase().includes(text)).sort((a, b) => b.degree - a.degree || (a.name < b.name ? -1 : 1)); };
function twin() {
  const focused = document.activeElement?.id === 'tw';
  const list = element('ul', { class: 'list', id: 'tw', role: 'listbox', tabindex: '0', 'aria-multiselectable': 'true', 'aria-label': 'Entities on the canvas' });
  const nodes = listed();
  state.at = Math.max(0, Math.min(state.at, nodes.length - 1));
  nodes.forEach((node, index) => {
    const type = data.types[node.type];
    const item = element('li', { role: 'option', id: `o-${index}`, 'aria-selected': String(state.selected.includes(node.id)), class: `${state.types.has(node.type) ? 'off' : ''} ${index === state.at ? 'here' : ''}`.trim() }, dot(node.type), element('span', { class: 'name' }, node.name), element('span', { class: 'sr' }, `, ${type.label},`), element('span', { class: 'deg' }, node.degree.toLocaleString('en'), element('span', { class: 'sr' }, ' relations')));
    item.dataset.id = node.id;
    item.addEventListener('click', (event) => { state.at = index; select(node.id, event.shiftKey || event.ctrlKey); $('#tw').focus(); });
    item.addEventListener('dblclick', () => { location = entityAddress(node.id); });
    list.append(item);
  });
  list.addEventListener('keydown', listKeys);
  if (nodes.length) list.setAttribute('aria-activedescendant', `o-${state.at}`);
  $('#twin').replaceChildren(list);
  if (focused) { list.focus(); list.children[state.at]?.scrollIntoView({ block: 'nearest' }); }
}
function listKeys(event) {
  const nodes = listed(); if (!nodes.length) return;
  // with Ctrl only the place moves, with Shift what is come to is added
  const go = (to) => { state.at = Math.max(0, Math.min(nodes.length - 1, to)); if (event.ctrlKey) twin(); else if (!event.shiftKey) select(nodes[state.at].id); else if (!state.selected.includes(nodes[state.at].id)) select(nodes[state.at].id, true); else twin(); };
  if (event.key === 'ArrowDown' || event.key === 'j') go(state.selected.length ? state.at + 1 : state.at);
  else if (event.key === 'ArrowUp' || event.key === 'k') go(state.at - 1);
  else if (event.key === 'Home') go(0);
  else if (event.key === 'End') go(nodes.length - 1);
  else if (event.key === ' ') select(nodes[state.at].id, true);
  else if (event.key === 'Enter') location = entityAddress(nodes[state.at].id);
  else if (event.key === 'ArrowRight') {
    // to the neighbors of what is selected, one after the other
    const near = cy.getElementById(nodes[state.at].id).neighborhood('node').filter((one) => !one.data('stub') && !one.hasClass('off')).map((one) => one.id());
    const next = nodes.findIndex((one, index) => index > state.at && near.includes(one.id)); go(next >= 0 ? next : Math.max(0, nodes.findIndex((one) => near.includes(one.id))));
  } else return;
  event.preventDefault(); event.stopPropagation();
}
function legend() {
  const rows = (place, items, off, key) => place.replaceChildren(...items.map(([name, words, count, sign]) => {
    const box = element('input', { type: 'checkbox' }); box.checked = !off.has(name);
    box.addEventListener('change', () => { if (box.checked) off.delete(name); else off.add(name); restyle(); label(); twin(); });
    const only = element('button', { class: 'btn small quiet only', type: 'button', 'aria-label': `Only ${words}` }, 'only');
    only.addEventListener('click', () => { const all = items.map((one) => one[0]); const alone = all.every((one) => off.has(one) === (one !== name)); off.clear(); if (!alone) all.filter((one) => one !== name).forEach((one) => off.add(one)); restyle(); label(); legend(); twin(); });
    return element('li', { 'data-key': key }, element('label', {}, box, sign, element('span', {}, words), element('span', { class: 'cnt' }, count.toLocaleString('en'))), only);
  }));
  rows($('#ltypes'), Object.entries(data.types).map(([name, type]) => [name, type.plural, data.nodes.filter((one) => one.type === name).length, dot(name)]), state.types, 'type');
  const many = (name) => data.edges.reduce((sum, edge) => sum + edge.relations.filter((one) => one.predicate === name && (one.holds || state.ended)).length, 0);
  rows($('#lpreds'), Object.entries(data.predicates).map(([name, one]) => [name, one.words, many(name), line(one.family, one.arrow)]).filter((one) => one[2]).sort((a, b) => b[2] - a[2]), state.predicates, 'predicate');
}
function changes() {
  const place = $('#lchange'); if (!place) return;
  const all = data.edges.flatMap((edge) => edge.relations);
  place.replaceChildren(...[['began', 'began'], ['ended', 'ended']].map(([kind, words]) => {
    const sign = line('other', 'none'); sign.setAttribute('class', `ln ${kind}`);
    return element('li', {}, element('span', { class: 'row' }, sign, element('span', {}, words), element('span', { class: 'cnt' }, all.filter((one) => one.change === kind).length.toLocaleString('en'))));
  }));
}
function details() {
  const place = $('#details'); const [first] = state.selected;
  const node = data.nodes.find((one) => one.id === first);
  if (!node) { place.replaceChildren(); return; }
  const groups = new Map(); const names = new Map(data.nodes.map((one) => [one.id, one.name]));
  for (const edge of data.edges) for (const one of edge.relations) {
    if (one.subject !== first && one.object !== first) continue;
    if (!one.holds && !state.ended) continue;
    const words = data.predicates[one.predicate]; const reads = one.subject === first ? words.words : words.back;
    if (!groups.has(reads)) groups.set(reads, []);
    groups.get(reads).push([names.get(one.subject === first ? one.object : one.subject), one]);
  }
  const card = element('div', { class: 'card' }, element('h3', {}, dot(node.type), ' ', node.name), element('p', { class: 'muted small' }, `${data.types[node.type].label} · ${plural(node.degree, 'relation')}${node.more ? ` · ${node.more.toLocaleString('en')} not shown` : ''}`));
  for (const [words, rows] of groups) {
    const list = element('ul', { class: 'list small' });
    for (const [name, one] of rows.slice(0, 4)) list.append(element('li', {}, element('span', { class: 'name' }, name), element('span', { class: 'deg' }, shortened(one.note ?? one.period ?? '', 22))));
    if (rows.length > 4) list.append(element('li', { class: 'muted' }, `and ${rows.length - 4} more`));
    card.append(element('div', { class: 'small muted' }, `${words} (${rows.length})`), list);
  }
  const more = element('button', { class: 'btn small', type: 'button' }, 'Expand…'); more.addEventListener('click', () => guard(first));
  card.append(element('p', { class: 'row' }, element('a', { class: 'btn small', href: entityAddress(first) }, 'Open'), more));
  place.replaceChildren(card);
}
function years() {
  const began = new Map(); const ended = new Map();
  for (const edge of data.edges) for (const one of edge.relations) for (const [day, into] of [[one.since, began], [one.until, ended]]) if (day) { const year = Number(day.slice(0, 4)); into.set(year, (into.get(year) ?? 0) + 1); }
  const all = [...began.keys(), ...ended.keys()]; const place = $('.time'); place.hidden = !all.length;
  if (!all.length) return;
  const first = Math.max(Math.min(...all), Math.max(...all) - 60); const last = Math.max(...all); const svg = $('#hist'); const wide = (last - first + 1) * 10;
  const most = Math.max(...all.map((year) => (began.get(year) ?? 0) + (ended.get(year) ?? 0)));
  svg.setAttribute('viewBox', `0 0 ${wide} 28`); svg.replaceChildren();
  for (let year = first; year <= last; year += 1) {
    let top = 28;
    for (const [count, kind] of [[began.get(year) ?? 0, 'b'], [ended.get(year) ?? 0, 'e']]) {
      if (!count) continue;
      const box = document.createElementNS(SVG, 'rect'); const high = count / most * 26; top -= high;
      for (const [name, value] of [['class', kind], ['x', (year - first) * 10 + 1], ['y', top], ['width', 8], ['height', high]]) box.setAttribute(name, value);
      const title = document.createElementNS(SVG, 'title'); title.textContent = `${year}: ${count} ${kind === 'b' ? 'began' : 'ended'}`; box.append(title); svg.append(box);
    }
  }
}

// -- doing --------------------------------------------------------------------------------------------------------------

function select(id, add = false) {
  guards += 1;
  if (!id) state.selected = [];
  else if (add) state.selected = state.selected.includes(id) ? state.selected.filter((one) => one !== id) : [...state.selected, id];
  else state.selected = [id];
  if (id) { const index = listed().findIndex((one) => one.id === id); if (index >= 0) state.at = index; }
  restyle(); label(); twin(); details(); buttons();
  const names = state.selected.map((one) => data.nodes.find((node) => node.id === one)?.name);
  say(names.length ? `${names.length === 1 ? 'Selected' : `${names.length} selected:`} ${names.join(', ')}. ${counts()}` : counts());
}
function buttons() {
  const count = state.selected.length;
  for (const [id, on] of [['undo', state.past.length], ['path', count === 2], ['common', count >= 2], ['expand', count === 1], ['hide', count >= 1], ['save', data.nodes.length], ['export', data.nodes.length], ['table', data.nodes.length], ['timeline', data.nodes.length]]) $(`#${id}`).disabled = !on;
}
// a guard that is still asked for is not wanted any more once something else is selected or opened
let guards = 0;
function closeMenu() { guards += 1; const menu = $('.menu'); if (!menu) return false; menu.remove(); label(); return true; }
function menu(name, ...content) {
  closeMenu();
  const made = element('div', { class: 'menu', role: 'dialog', 'aria-label': name }, element('h3', {}, name), ...content);
  made.addEventListener('keydown', (event) => { if (event.key === 'Escape') { closeMenu(); $('#tw')?.focus(); event.stopPropagation(); } });
  stage.append(made);
  return made;
}
function put(made, id) {
  // beside the node it is about, never over it
  const node = cy.getElementById(id); const at = node.renderedPosition(); const far = node.renderedWidth() / 2 + 14; const wide = stage.clientWidth;
  const right = at.x + far + made.offsetWidth < wide - 8; const left = at.x - far - made.offsetWidth > 8;
  made.style.setProperty('left', `${right ? at.x + far : left ? at.x - far - made.offsetWidth : 8}px`);
  made.style.setProperty('top', `${Math.max(8, Math.min(right || left ? at.y - 40 : at.y + far, stage.clientHeight - made.offsetHeight - 8))}px`);
}
const button = (words, work, kind = '') => { const made = element('button', { class: `btn small ${kind}`, type: 'button' }, words); made.addEventListener('click', work); return made; };
function guard(id) {
  guards += 1; const mine = guards;
  inTurn(async () => { if (mine !== guards) return; const told = await ask('guard', { id }); if (mine === guards && data.nodes.some((one) => one.id === id)) guarded(id, told); });
}
function guarded(id, told) {
  const boxes = told.groups.map((group) => {
    const box = element('input', { type: 'checkbox', value: group.reading, checked: true });
    return element('label', { class: 'row small' }, box, line(group.family, group.arrow), `${group.words} (${group.count.toLocaleString('en')})`);
  });
  const many = element('input', { type: 'number', min: '1', max: '300', value: '15', 'aria-label': 'How many' });
  const go = (linked) => {
    const readings = boxes.map((one) => one.querySelector('input')).filter((one) => one.checked).map((one) => one.value);
    closeMenu(); $('#tw')?.focus();
    inTurn(async () => { const found = await ask('expand', { id, readings, most: Math.max(1, Number(many.value) || 15), linked }); const added = found.nodes.length - data.nodes.length; show(found, { said: null }); say(`${plural(added, 'entity', 'entities')} added. ${counts()}`); });
  };
  const add = button('Add 15', () => go(false), 'primary'); many.addEventListener('input', () => { add.textContent = `Add ${many.value}`; });
  const nothing = !told.notShown;
  const made = menu(`Expand ${shortened(told.name, 30)}`, element('p', { class: 'muted small' }, `${plural(told.total, 'neighbor')}, ${told.notShown.toLocaleString('en')} not shown`), ...(nothing ? [] : [...boxes, element('p', { class: 'row small' }, 'Show the ', many, ' best connected')]),
    element('p', { class: 'row' }, nothing ? null : add, nothing ? null : button('Only those linked to what is shown', () => go(true)), button(nothing ? 'Close' : 'Cancel', () => { closeMenu(); $('#tw')?.focus(); }, 'quiet')));
  put(made, id); label(); (nothing ? made.querySelector('button') : made.querySelector('input')).focus();
}
const work = {
  undo() { inTurn(() => { const last = state.past.pop(); if (!last) return; for (const node of last.data.nodes) { const at = last.places[node.id]; if (at) [node.x, node.y] = at; } state.selected = last.selected; state.way = []; show(last.data, { remember: false }); }); },
  path() { const chosen = state.selected; if (chosen.length === 2) inTurn(async () => { const [from, to] = chosen; const found = await ask('path', { from, to }); if (!found.path) { say(found.said); return; } state.way = found.path; show(found, { said: found.said }); }); },
  common() { const chosen = state.selected; if (chosen.length >= 2) inTurn(async () => { const found = await ask('common', { selected: chosen }); state.way = []; show(found, { said: found.said }); }); },
  expand() { if (state.selected.length === 1) guard(state.selected[0]); },
  hide() {
    const gone = new Set(state.selected); if (!gone.size) return;
    const left = (nodes) => nodes.filter((one) => !gone.has(one.id)).map((one) => one.id);
    inTurn(async () => { const found = await ask('network', { ids: left(data.nodes), focus: left(data.nodes.filter((one) => one.focus)) }); state.selected = state.selected.filter((id) => !gone.has(id)); show(found); $('#tw')?.focus(); });
  },
  save() {
    const name = element('input', { type: 'text', value: main.dataset.viewName ?? '', 'aria-label': 'Name of the view' }); const shared = element('input', { type: 'checkbox', id: 'share' });
    const keep = () => inTurn(async () => { if (!name.isConnected) return; const saved = await ask('save', { name: name.value, shared: shared.checked, view: state.view }); state.view = saved.id; closeMenu(); history.replaceState(null, '', saved.url); say(`Saved as ${saved.name}. Its address can be sent to others${shared.checked ? '' : ' once it is shared'}.`); $('#tw')?.focus(); });
    name.addEventListener('keydown', (event) => { if (event.key === 'Enter') keep(); });
    menu('Save view', element('p', {}, name), element('label', { class: 'row small' }, shared, 'for everybody'), element('p', { class: 'row' }, button('Save', keep, 'primary'), button('Cancel', closeMenu, 'quiet'))); name.focus();
  },
  export() {
    const link = (words, ending) => { const url = new URL(`${base}.${ending}`, location); url.search = new URL(location.href).search; return element('a', { class: 'btn small', href: url.href, download: '' }, words); };
    const picture = button('PNG', async () => { const blob = await cy.png({ output: 'blob-promise', full: true, scale: 2, bg: getComputedStyle(document.documentElement).getPropertyValue('--bg').trim() }); const url = URL.createObjectURL(blob); element('a', { href: url, download: 'network.png' }).click(); setTimeout(() => URL.revokeObjectURL(url), 5000); closeMenu(); });
    menu('Export', element('p', { class: 'row' }, picture, link('SVG', 'svg'), link('CSV', 'csv'), link('GraphML', 'graphml'), link('JSON', 'json')), element('p', {}, button('Close', closeMenu, 'quiet')));
    stage.querySelector('.menu button').focus();
  },
  fit() { fit(); },
  table() { aside('table'); },
  timeline() { aside('timeline'); },
};
for (const [id, action] of Object.entries(work)) $(`#${id}`).addEventListener('click', action);
for (const [id, by] of [['zin', 1.3], ['zout', 1 / 1.3]]) $(`#${id}`).addEventListener('click', () => cy?.zoom({ level: cy.zoom() * by, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } }));
$('#filter').addEventListener('keydown', (event) => { if (event.key === 'ArrowDown' || event.key === 'Enter') { $('#tw')?.focus(); event.preventDefault(); } });
$('#filter').addEventListener('input', () => { state.at = 0; twin(); });
$('#ended').addEventListener('change', (event) => { state.ended = event.target.checked; restyle(); label(); legend(); details(); });
$('#before').addEventListener('change', (event) => { const url = new URL(location.href); if (event.target.value) url.searchParams.set('compare', event.target.value); else url.searchParams.delete('compare'); location = url.href; });
Object.assign(keys, { l: ['to the list', () => $('#tw')?.focus()], e: ['expand the selected', work.expand], p: ['path between the two selected', work.path], c: ['what the selected have in common', work.common], x: ['hide the selected', work.hide], u: ['undo', work.undo], f: ['fit all into view', work.fit], s: ['save the view', () => data.nodes.length && work.save()], t: ['the relations as a table', work.table], y: ['the relations in time', work.timeline] });
hints.push(['↑ ↓', 'select in the list'], ['Shift + ↑ ↓', 'add to the selected'], ['Ctrl + ↑ ↓', 'move without selecting'], ['Space', 'add or take away'], ['→', 'to the next neighbor'], ['Enter', 'open the page']);
document.addEventListener('keydown', (event) => { if (event.key === 'Escape' && !closeMenu() && !event.target.closest('input, dialog')) select(null); });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { if (cy) draw({ keep: true }); });

// -- beginning ----------------------------------------------------------------------------------------------------------

if (!$('.empty')) {
  for (const part of ['.tools', '.zoomer', '#filter']) $(part).hidden = false;
  const from = new URL(main.dataset.src, location); from.searchParams.set('aspect', aspect());
  try {
    const answer = await fetch(from, { headers: { Accept: 'application/json' } });
    const found = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(found.detail), { problem: found });
    data = filled(found); draw(); say(counts() + (found.missing.length ? ` · ${found.missing.length} of the address could not be found` : ''));
  } catch (error) { problem(error); }
  document.documentElement.dataset.ready = '1';
} else document.documentElement.dataset.ready = '1';
