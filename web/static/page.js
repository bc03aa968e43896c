// What every page has: suggestions under the search field, a date that goes at once, "Show 50 more" in place, keys.
const $ = (selector, within = document) => within.querySelector(selector);
export const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null && value !== false) made.setAttribute(key, value === true ? '' : value);
  made.append(...children.filter((one) => one !== null));
  return made;
};
export const token = $('meta[name="form-token"]')?.content ?? '';
export const post = (url, body, signal) => fetch(url, {
  method: 'POST', signal, headers: { 'Content-Type': 'application/json', 'X-Form-Token': token, Accept: 'application/json' }, body: JSON.stringify(body),
}).then(async (answer) => { const told = await answer.json(); if (!answer.ok) throw Object.assign(new Error(told.detail), { problem: told }); return told; });
const mark = (svg) => document.importNode(new DOMParser().parseFromString(svg, 'text/html').body.firstElementChild, true);

// A listbox under a field: the field keeps the focus, the list is announced through aria-activedescendant. Only what was
// found for the text as it stands is ever taken: a key or a click that comes earlier waits for that list.
function suggest(field, find, take) {
  const id = `pop-${field.id}`;
  const list = element('ul', { class: 'pop', id, role: 'listbox', hidden: true, 'aria-label': 'Suggestions' });
  field.after(list);
  for (const [name, value] of [['role', 'combobox'], ['aria-autocomplete', 'list'], ['aria-controls', id], ['aria-expanded', 'false']]) field.setAttribute(name, value);
  // `of` is the text whose list is shown, `asked` the text whose list is on its way, `waiting` what was done meanwhile
  let options = []; let chosen = -1; let of = null; let asked = null; let waiting = []; let wait; let running;
  const text = () => field.value.trim();
  const same = (item) => item.url ?? item.id;
  const forget = () => { clearTimeout(wait); running?.abort(); asked = null; waiting = []; };
  const expanded = (open) => { list.hidden = !open; field.setAttribute('aria-expanded', String(open)); list.removeAttribute('aria-busy'); };
  const hide = () => { forget(); expanded(false); options = []; chosen = -1; of = null; field.removeAttribute('aria-activedescendant'); };
  const choose = (index) => {
    options[chosen]?.line.setAttribute('aria-selected', 'false');
    chosen = (index + options.length) % options.length;
    options[chosen].line.setAttribute('aria-selected', 'true');
    options[chosen].line.scrollIntoView({ block: 'nearest' });
    field.setAttribute('aria-activedescendant', options[chosen].line.id);
  };
  const took = (item) => { hide(); take(item); };
  const fill = (groups) => {
    const before = chosen < 0 ? null : same(options[chosen].item);
    options = []; chosen = -1; field.removeAttribute('aria-activedescendant'); list.replaceChildren();
    for (const [title, items] of groups) {
      if (!items.length) continue;
      if (title) list.append(element('li', { class: 'title', role: 'presentation' }, title));
      for (const item of items) {
        const line = element('li', { role: 'option', id: `${id}-${options.length}`, 'aria-selected': 'false' }, item.dot ? mark(item.dot) : '', element('span', {}, item.name), element('span', { class: 't' }, item.note ?? ''));
        line.addEventListener('mousedown', () => { if (of === text()) took(item); else later({ item }); });
        options.push({ item, line }); list.append(line);
      }
    }
    expanded(options.length > 0);
    const again = options.findIndex(({ item }) => before !== null && same(item) === before);
    if (again >= 0) choose(again);
  };
  const act = ({ key, item }) => {
    if (item) { if (options.some((one) => same(one.item) === same(item))) took(item); }
    else if (key === 'Enter') { if (chosen >= 0) took(options[chosen].item); else field.form.requestSubmit(); }
    else if (options.length) choose(key === 'ArrowDown' ? chosen + 1 : chosen < 0 ? options.length - 1 : chosen - 1);
  };
  const look = async () => {
    const mine = text(); const before = waiting; forget(); waiting = before; asked = mine; running = new AbortController();
    const { signal } = running;
    let groups = [];
    try { groups = await find(mine, signal); } catch { /* what cannot be found out suggests nothing */ }
    if (signal.aborted) return;
    asked = null; of = mine; fill(groups);
    for (const one of waiting.splice(0)) act(one);
  };
  // what takes something ends what is waited for: a second Enter says nothing new
  const later = (one) => { if (!waiting.some(({ key, item }) => item || key === 'Enter')) waiting.push(one); if (asked !== text()) look(); };
  field.addEventListener('input', () => {
    forget();
    if (!text()) { hide(); return; }
    if (!list.hidden) list.setAttribute('aria-busy', 'true');
    wait = setTimeout(look, 120);
  });
  field.addEventListener('blur', hide);
  list.addEventListener('mousedown', (event) => event.preventDefault());
  field.addEventListener('keydown', (event) => {
    const open = !list.hidden; const now = of === text();
    if (event.isComposing) return;
    if (event.key === 'Escape') { hide(); if (!open) return; event.stopPropagation(); }
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { if (now ? !open : !text()) return; if (now) act(event); else later({ key: event.key }); }
    else if (event.key === 'Enter') { if (now ? chosen < 0 : chosen < 0 && !waiting.length) return; if (now) act(event); else later({ key: event.key }); }
    else return;
    event.preventDefault();
  });
}
const noted = (one) => ({ ...one, note: [one.label, one.fact, one.degree === 1 ? '1 relation' : `${one.degree.toLocaleString('en')} relations`].filter(Boolean).join(' · ') });
const asked = async (address, text, signal) => {
  const url = new URL(address, location); url.searchParams.set('q', text);
  return (await fetch(url, { signal, headers: { Accept: 'application/json' } })).json();
};
const search = $('form[data-suggest]');
if (search) {
  suggest($('input[type=search]', search), async (text, signal) => {
    if (!text) return [];
    const found = await asked(search.dataset.suggest, text, signal);
    return [['Entities', found.entities.map(noted)], ['Questions', found.questions], ['Do', found.pages]];
  }, (item) => { location = item.url; });
}
for (const place of document.querySelectorAll('[data-take]')) {
  const [field, id] = place.querySelectorAll('input');
  field.addEventListener('input', () => { id.value = ''; });
  suggest(field, async (text, signal) => (text ? [['', (await asked(place.dataset.take, text, signal)).entities.map(noted)]] : []), (item) => { field.value = item.name; id.value = item.id; });
}

// what is wider than its place is scrolled by keyboard, too; what fits is no stop on the way
const sizes = new ResizeObserver((seen) => seen.forEach(({ target }) => reachable(target)));
export function reachable(part) {
  if (part.scrollWidth <= part.clientWidth && part.scrollHeight <= part.clientHeight) { part.removeAttribute('tabindex'); return; }
  const heading = $('h1, h2, summary', part.closest('section, details, main') ?? document);
  for (const [name, value] of [['tabindex', '0'], ['role', 'region'], ['aria-label', heading?.textContent.trim() || 'Table']]) part.setAttribute(name, value);
}
for (const part of document.querySelectorAll('.scroll, .pic, pre.code, pre.err')) sizes.observe(part);

// the date goes as soon as it is chosen; without scripts there is a button
for (const form of document.querySelectorAll('form[data-asof]')) {
  $('[data-needless]', form)?.remove();
  const date = $('input[type=date]', form);
  date.addEventListener('change', () => { if (!date.value) date.disabled = true; form.requestSubmit(); });
}

// "Show 50 more" is a link to the rows; here they come into the table
document.addEventListener('click', async (event) => {
  const link = event.target.closest('a[data-more]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.hasAttribute('aria-busy')) return;
  link.setAttribute('aria-busy', 'true');
  const answer = await fetch(link.href, { headers: { 'X-Fragment': '1' } });
  if (!answer.ok) { location = link.href; return; }
  const body = $('tbody', link.closest('details')); const before = body.rows.length;
  body.insertAdjacentHTML('beforeend', await answer.text());
  $('a', body.rows[before] ?? body)?.focus();
  const url = new URL(link.href); const total = Number($('[data-showing]', link.parentElement).textContent.replace(/.*of /, '').replaceAll(',', ''));
  url.searchParams.set('after', [...body.rows].findLast((row) => row.id.startsWith('r-')).id.slice(2)); url.searchParams.set('seen', body.rows.length); link.href = url; link.removeAttribute('aria-busy');
  $('[data-showing]', link.parentElement).textContent = `showing ${body.rows.length.toLocaleString('en')} of ${total.toLocaleString('en')}`;
  if (body.rows.length >= total) link.remove();
});

export const keys = { '/': ['search', () => { const field = $('#q'); field?.focus(); field?.select(); }], '?': ['these keys', showKeys] };
export const hints = [];
function showKeys() {
  let dialog = $('#keys');
  if (!dialog) {
    dialog = element('dialog', { id: 'keys', class: 'card', 'aria-label': 'Keys' }, element('h2', {}, 'Keys'));
    const list = element('dl', { class: 'facts' });
    for (const [key, words] of [...Object.entries(keys).map(([key, [words]]) => [key, words]), ...hints]) list.append(element('dt', {}, element('kbd', {}, key)), element('dd', {}, words));
    const close = element('button', { class: 'btn' }, 'Close'); close.addEventListener('click', () => dialog.close());
    dialog.append(list, close); document.body.append(dialog);
  }
  dialog.showModal();
}
if (!('noKeys' in document.documentElement.dataset)) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select, [contenteditable], dialog[open]')) return;
    const found = keys[event.key];
    if (found) { event.preventDefault(); found[1](event); }
  });
}
