// How it reads, while it is typed; the server shows the same after each check.
const form = document.querySelector('#designer');
const show = () => {
  for (const words of form.querySelectorAll('[data-reads]')) {
    const field = form.elements[words.dataset.reads];
    words.textContent = field.value || (form.elements[words.dataset.reads === 'reading' ? 'name' : 'inverse'].value.replaceAll('_', ' ') || '…');
  }
  const symmetric = form.elements.symmetric.checked;
  form.elements.inverse.disabled = symmetric;
  form.elements.inverse_reading.disabled = symmetric;
};
form.addEventListener('input', show);
show();
