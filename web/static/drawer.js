// What is drawn, as a table and as bars in time: the relations of what is selected, or all that are shown.
import { element, reachable } from './page.js';

const MOST = 500; const SVG = 'http://www.w3.org/2000/svg';
const shape = (name, attributes, ...children) => { const made = document.createElementNS(SVG, name); for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value); made.append(...children); return made; };
const plural = (count) => `${count.toLocaleString('en')} relation${count === 1 ? '' : 's'}`;
const COLUMNS = [['Subject', (row) => row.from.name], ['Relation', (row) => row.words], ['Object', (row) => row.to.name], ['Says', (row) => row.note], ['Since', (row) => row.since], ['Until', (row) => row.until]];

// `now` gives what is on the canvas; `pick` selects entities there
export function drawer(place, buttons, now, pick) {
  let shown = null; let sorted = [0, 1];
  const rows = () => {
    const { data, state } = now(); const at = new Map(data.nodes.map((one) => [one.id, one])); const chosen = new Set(state.selected);
    const off = (node) => state.types.has(node.type) && !node.focus;
    return data.edges.flatMap((edge) => edge.relations)
      .filter((one) => !state.predicates.has(one.predicate) && (one.holds || one.change || state.ended) && !off(at.get(one.subject)) && !off(at.get(one.object)))
      .filter((one) => !chosen.size || chosen.has(one.subject) || chosen.has(one.object))
      .map((one) => ({ from: at.get(one.subject), to: at.get(one.object), words: data.predicates[one.predicate].words, family: data.predicates[one.predicate].family, note: one.note ?? '', since: one.since ?? '', until: one.until ?? '', holds: one.holds }));
  };
  const link = (node) => { const made = element('button', { class: 'linkish', type: 'button' }, node.name); made.addEventListener('click', () => pick(node.id)); return made; };
  const heading = (all, told) => element('p', { class: 'small muted' }, `${plural(all.length)} ${now().state.selected.length ? 'of what is selected' : 'on the canvas'}${told}${all.length > MOST ? `; the first ${MOST} are listed, JSON and GraphML have all` : ''}`);

  function table() {
    const all = rows(); const [column, way] = sorted; const of = COLUMNS[column][1];
    all.sort((a, b) => way * of(a).localeCompare(of(b), 'en', { numeric: true }) || a.from.name.localeCompare(b.from.name));
    const head = COLUMNS.map(([name], index) => {
      const button = element('button', { class: 'linkish', type: 'button' }, name);
      button.addEventListener('click', () => { sorted = [index, index === column ? -way : 1]; refresh(); place.querySelectorAll('th button')[index].focus(); });
      return element('th', { 'aria-sort': index === column ? (way > 0 ? 'ascending' : 'descending') : 'none' }, button);
    });
    const body = all.slice(0, MOST).map((row) => element('tr', { class: row.holds ? null : 'past' }, element('td', {}, link(row.from)), element('td', {}, element('span', { class: `t-${row.family}` }, row.words)), element('td', {}, link(row.to)), element('td', {}, row.note), element('td', { class: 'nowrap' }, row.since), element('td', { class: 'nowrap' }, row.until)));
    return [heading(all, ''), element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...body))];
  }
  function timeline() {
    const all = rows(); const dated = all.filter((row) => row.since || row.until); const day = now().data.day;
    const year = (text) => { const [y, m = 1, d = 1] = text.split('-').map(Number); return y + (m - 1) / 12 + (d - 1) / 365; };
    const years = dated.flatMap((row) => [row.since, row.until]).filter(Boolean).map(year);
    if (!years.length) return [heading(all, ', none of them with a date')];
    const first = Math.floor(Math.max(Math.min(...years), year(day) - 100)); const last = Math.ceil(Math.max(year(day) + 0.1, Math.min(Math.max(...years), year(day) + 30)));
    const x = (value) => Math.max(0, Math.min(1000, (value - first) / (last - first) * 1000));
    dated.sort((a, b) => (a.since || '0').localeCompare(b.since || '0') || a.from.name.localeCompare(b.from.name));
    const bars = dated.slice(0, MOST).map((row) => {
      const from = row.since ? x(year(row.since)) : 0; const to = row.until ? x(year(row.until)) : 1000;
      const svg = shape('svg', { class: 'stretch', viewBox: '0 0 1000 14', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
        shape('rect', { class: row.holds ? 'b' : 'e', x: from, y: 3, width: Math.max(3, to - from), height: 8 }), shape('path', { class: 'now', d: `M${x(year(day))} 0v14` }));
      return element('tr', { class: row.holds ? null : 'past' }, element('td', {}, link(row.from), ' ', element('span', { class: `t-${row.family}` }, row.words), ' ', link(row.to)), element('td', { class: 'nowrap small' }, `${row.since || '…'} to ${row.until || '…'}`), element('td', { class: 'when' }, svg));
    });
    const axis = element('th', {}, element('span', { class: 'axis' }, element('span', {}, String(first)), element('span', {}, String(last))));
    const none = all.length - dated.length;
    return [heading(dated, none ? `, and ${none.toLocaleString('en')} without a date` : ''), element('table', { class: 'bars' }, element('thead', {}, element('tr', {}, element('th', {}, 'Relation'), element('th', {}, 'When'), axis)), element('tbody', {}, ...bars))];
  }
  function refresh() {
    if (!shown) return;
    const top = place.scrollTop;
    place.replaceChildren(element('h2', { class: 'sr' }, shown === 'timeline' ? 'Relations in time' : 'Relations as a table'), ...(shown === 'table' ? table() : timeline()));
    place.scrollTop = top; reachable(place);
  }
  function toggle(kind) {
    shown = shown === kind ? null : kind;
    place.hidden = !shown;
    for (const [name, button] of Object.entries(buttons)) button.setAttribute('aria-pressed', String(name === shown));
    refresh();
    return Boolean(shown);
  }
  for (const [kind, button] of Object.entries(buttons)) button.setAttribute('aria-pressed', 'false');
  return { refresh, toggle };
}
