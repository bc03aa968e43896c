// How far the import is, asked every half second; the page is loaded again when it is over.
const bar = document.querySelector('#progress');
const words = document.querySelector('#progress-words');
const look = async () => {
  const answer = await fetch(bar.dataset.src, { headers: { Accept: 'application/json' } });
  const job = answer.ok ? await answer.json() : null;
  if (!job || job.state !== 'running') { location.reload(); return; }
  bar.value = job.progress.fraction ?? 0;
  if (job.progress.phase) words.textContent = `${job.progress.phase}: ${job.progress.rows.toLocaleString('en')} rows of ${job.progress.input}` + (job.progress.seconds_left ? `, about ${Math.ceil(job.progress.seconds_left)} s left` : '');
  setTimeout(look, 500);
};
setTimeout(look, 300);
