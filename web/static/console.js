// The editor: marks under what is wrong, what may be written next, Ctrl+Enter. The textarea keeps the text; the <pre>
// behind it has the same font, padding and width, carries the marks and tells where the caret is.
import { element, post, reachable } from './page.js';

const $ = (selector) => document.querySelector(selector);
const field = $('#text'); const back = $('#back'); const errors = $('#errs'); const editor = $('.ed');
const list = element('ul', { class: 'pop', id: 'pop', role: 'listbox', hidden: true, 'aria-label': 'Completions' });
editor.append(list);
for (const [name, value] of [['aria-autocomplete', 'list'], ['aria-controls', 'pop']]) field.setAttribute(name, value);
// only what was found for the text and the caret as they stand is taken: a key that comes earlier waits for it
let items = []; let chosen = 0; let moved = false; let wait; let asking; let checking; let marks = []; let of = null; let asked = null; let waiting = [];
const here = () => `${field.selectionStart} ${field.value}`;
const first = field.value;

const placeOf = (index) => {
  back.textContent = field.value.slice(0, index);
  const here = element('span', {}, '\u200b'); back.append(here);
  return { x: here.offsetLeft, y: here.offsetTop + 22 - field.scrollTop };
};
const paint = () => {
  back.replaceChildren();
  let at = 0;
  for (const mark of marks) {
    const end = Math.max(mark.end, mark.start + 1);
    if (mark.start < at) continue;
    back.append(field.value.slice(at, mark.start), element('mark', {}, field.value.slice(mark.start, end)));
    at = end;
  }
  back.append(`${field.value.slice(at)}\n`); back.scrollTop = field.scrollTop;
};
const told = (mistake, of) => {
  const text = element('pre', { class: 'err' }, element('b', {}, `line ${mistake.line}, column ${mistake.column}: `), `${mistake.message}\n  | ${mistake.source}\n  | ${' '.repeat(mistake.column - 1)}`, element('b', {}, '^'.repeat(Math.max(1, mistake.end - mistake.start))), mistake.hint ? `\n  = ${mistake.hint}` : '');
  const whole = element('div', {}, text);
  if (mistake.candidates.length) {
    const row = element('p', { class: 'row' }, 'Did you mean ');
    for (const name of mistake.candidates) {
      const button = element('button', { class: 'btn small', type: 'button' }, name);
      button.addEventListener('click', () => {
        // the places of what was written before say nothing about what is written now
        if (field.value !== of) { field.focus(); return; }
        const quoted = field.value[mistake.start] === '"' && !name.startsWith('"') ? `"${name}"` : name;
        field.setRangeText(quoted, mistake.start, mistake.end, 'end'); field.focus(); check();
      });
      row.append(button);
    }
    whole.append(row);
  }
  return whole;
};
const check = async () => {
  checking?.abort(); checking = new AbortController();
  const { signal } = checking; const text = field.value;
  let found;
  try { found = (await post(editor.dataset.check, { text }, signal)).items; } catch { return; }
  if (signal.aborted) return;
  // what is still being written at the end of the text is not wrong yet
  marks = found.filter((one) => !(document.activeElement === field && field.selectionStart === field.value.length && one.end >= field.value.trimEnd().length && field.value !== first));
  paint(); errors.replaceChildren(...marks.map((one) => told(one, text))); errors.querySelectorAll('pre').forEach(reachable); field.setAttribute('aria-invalid', String(marks.length > 0));
};
const forget = () => { asking?.abort(); asked = null; waiting = []; };
const hide = () => { forget(); list.hidden = true; list.removeAttribute('aria-busy'); items = []; moved = false; of = null; field.removeAttribute('aria-activedescendant'); };
const complete = async () => {
  const mine = here(); const before = waiting; forget(); waiting = before; asked = mine; asking = new AbortController();
  const { signal } = asking;
  let found = [];
  try { found = (await post(editor.dataset.complete, { text: field.value, cursor: field.selectionStart }, signal)).items; } catch { /* what cannot be found out completes nothing */ }
  if (signal.aborted) return;
  asked = null;
  if (mine !== here() || document.activeElement !== field || !found.length) { hide(); return; }
  const kept = moved ? found.findIndex((one) => one.text === items[chosen].text) : -1;
  items = found; of = mine; chosen = Math.max(0, kept); moved = kept >= 0; list.removeAttribute('aria-busy');
  list.replaceChildren(...items.map((item, index) => {
    const count = item.count === undefined || item.count === null ? '' : item.count.toLocaleString('en');
    const line = element('li', { role: 'option', id: `c-${index}`, 'aria-selected': String(index === chosen) }, element('code', {}, item.text), element('span', { class: 't' }, item.detail + (item.target.length ? ` → ${item.target.join(', ')}` : '')), element('span', { class: 't num' }, count));
    line.addEventListener('mousedown', () => { if (of === here()) { chosen = index; take(); } });
    return line;
  }));
  const place = placeOf(items[0].start); paint();
  list.hidden = false;
  list.style.setProperty('left', `${Math.max(0, Math.min(place.x, editor.clientWidth - list.offsetWidth))}px`);
  list.style.setProperty('top', `${place.y + 2}px`);
  field.setAttribute('aria-activedescendant', `c-${chosen}`);
  for (const key of waiting.splice(0)) press(key);
};
const move = (by) => {
  moved = true;
  list.children[chosen].setAttribute('aria-selected', 'false');
  chosen = (chosen + by + items.length) % items.length;
  list.children[chosen].setAttribute('aria-selected', 'true'); list.children[chosen].scrollIntoView({ block: 'nearest' });
  field.setAttribute('aria-activedescendant', `c-${chosen}`);
};
function take() {
  const item = items[chosen];
  const spaced = item.text.endsWith('"') && item.text.length === 1 ? item.text : `${item.text} `;
  field.setRangeText(spaced, item.start, Math.max(item.end, field.selectionStart), 'end'); hide(); changed(); complete();
}
function press(key) {
  if (key === 'Tab') take(); else move(key === 'ArrowDown' ? 1 : -1);
}
function changed() {
  paint(); $('#result')?.classList.toggle('stale', field.value !== first);
  const said = $('#said');
  if (said && field.value !== first && !said.dataset.stale) { said.dataset.stale = '1'; said.prepend('Of the earlier question: '); }
}
field.addEventListener('input', () => {
  changed(); clearTimeout(wait); forget(); checking?.abort();
  if (!list.hidden) list.setAttribute('aria-busy', 'true');
  wait = setTimeout(() => {
    const left = field.value.slice(0, field.selectionStart);
    const closed = left.endsWith('"') && left.split('"').length % 2 === 1;
    if (!closed && /[\w \["$]$/u.test(left)) { if (asked !== here()) complete(); } else hide();
    check();
  }, 120);
});
field.addEventListener('scroll', () => { back.scrollTop = field.scrollTop; });
field.addEventListener('blur', hide);
list.addEventListener('mousedown', (event) => event.preventDefault());
field.addEventListener('keydown', (event) => {
  if (event.ctrlKey && event.key === 'Enter') { field.form.requestSubmit(); event.preventDefault(); return; }
  if (event.ctrlKey && event.key === ' ') { complete(); event.preventDefault(); return; }
  if (list.hidden) return;
  if (event.key === 'Escape') { hide(); event.stopPropagation(); }
  else if (!['ArrowDown', 'ArrowUp', 'Tab'].includes(event.key) || event.shiftKey) return;
  else if (of === here()) press(event.key);
  else { if (!waiting.includes('Tab')) waiting.push(event.key); if (asked !== here()) complete(); }
  event.preventDefault();
});
paint();
if (field.value) check();
