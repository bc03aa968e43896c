// How the canvas is drawn, from the colors of the page.
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
export const isDark = () => css('--dark') === '1';
export const sizeOf = (shown) => Math.max(22, Math.min(50, 15 + 6.5 * Math.log2(1 + shown)));

export function styleOf(data, glyph, zoomOf) {
  const scale = () => Math.max(0.9, Math.min(1.9, zoomOf() ** -0.55));
  const onScreen = (pixels) => () => pixels / zoomOf();
  const font = css('--font'); const dark = isDark() ? '1' : '0';
  const align = { b: 'bottom', t: 'top' }; const beside = { l: 'left', r: 'right' };
  return [
    { selector: 'node', style: {
      width: (node) => sizeOf(node.data('shown')) * scale(), height: (node) => sizeOf(node.data('shown')) * scale(),
      shape: (node) => data.types[node.data('type')].shape, 'background-color': (node) => css(`--t${data.types[node.data('type')].color}`),
      'background-image': (node) => `${glyph.replace('NAME', encodeURIComponent(node.data('type')))}?dark=${dark}`,
      'background-width': '58%', 'background-height': '58%', 'border-width': 0, label: '', 'overlay-opacity': 0, 'z-index': 10 } },
    { selector: 'node[?stub]', style: {
      shape: 'round-rectangle', 'background-image': 'none', 'background-color': css('--panel'), 'border-width': onScreen(1.5), 'border-style': 'dashed',
      'border-color': css('--ink2'), label: 'data(name)', 'font-size': onScreen(12), color: css('--ink'), 'text-valign': 'center', 'font-family': font,
      width: (node) => (node.data('name').length * 7.5 + 12) / zoomOf(), height: onScreen(20) } },
    { selector: 'node.lab', style: {
      label: 'data(caption)', 'font-family': font, 'font-size': (node) => (node.hasClass('focus') ? 14 : 12) / zoomOf(), 'font-weight': (node) => (node.hasClass('focus') ? 700 : 400),
      color: css('--ink'), 'text-wrap': 'wrap', 'text-max-width': onScreen(999), 'text-valign': (node) => align[node.data('side')] ?? 'center',
      'text-halign': (node) => beside[node.data('side')] ?? 'center', 'text-justification': (node) => ({ l: 'right', r: 'left' })[node.data('side')] ?? 'center',
      'text-margin-y': (node) => ({ b: 3, t: -3 }[node.data('side')] ?? 0) / zoomOf(), 'text-margin-x': (node) => ({ r: 4, l: -4 }[node.data('side')] ?? 0) / zoomOf(),
      'text-outline-color': css('--bg'), 'text-outline-width': onScreen(2.5), 'text-outline-opacity': 0.9, 'z-index': 20 } },
    { selector: 'edge', style: {
      width: (edge) => (edge.data('relations')?.length > 1 ? 2.6 : 1.4 + 3.2 * (edge.data('share') ?? 0)) * Math.min(1.6, scale()),
      'line-color': (edge) => css(`--f-${edge.data('family')}`), 'target-arrow-color': (edge) => css(`--f-${edge.data('family')}`), 'target-arrow-shape': (edge) => edge.data('arrow') ?? 'none',
      'arrow-scale': () => 0.75 * scale(), 'curve-style': 'bezier', 'control-point-step-size': 26, opacity: data.nodes.length > 100 ? 0.62 : 0.8, 'overlay-opacity': 0, label: '' } },
    { selector: 'edge[?stub]', style: { 'line-style': 'dotted', 'target-arrow-shape': 'none', 'line-color': css('--line-strong'), width: 1.5 } },
    { selector: 'edge.ended', style: { 'line-style': 'dashed', 'line-color': css('--ended'), 'target-arrow-color': css('--ended') } },
    { selector: 'edge.change-began', style: { 'line-color': css('--good'), 'target-arrow-color': css('--good'), width: 4, opacity: 1 } },
    { selector: 'edge.change-ended', style: { 'line-style': 'dashed', 'line-color': css('--bad'), 'target-arrow-color': css('--bad'), width: 3, opacity: 1 } },
    { selector: 'edge.word', style: {
      label: 'data(word)', 'font-family': font, 'font-size': onScreen(11), color: (edge) => css(edge.hasClass('ended') ? '--ink2' : `--w-${edge.data('family')}`),
      'text-rotation': 'autorotate', 'text-background-color': css('--bg'), 'text-background-opacity': 1, 'text-background-padding': onScreen(2), opacity: 1, 'z-index': 15 } },
    { selector: 'edge.aside', style: { label: '', 'source-label': 'data(word)', 'source-text-offset': (edge) => edge.data('wordAt'), 'source-text-rotation': 'autorotate' } },
    { selector: '.off', style: { display: 'none' } },
    { selector: '.dim', style: { opacity: 0.22, 'text-opacity': 0 } },
    { selector: 'node.focus', style: { 'border-width': onScreen(3), 'border-color': css('--ink'), 'border-opacity': 1 } },
    { selector: 'node.way', style: { 'border-width': onScreen(4), 'border-color': css('--warn') } },
    { selector: 'edge.way', style: { 'line-color': css('--warn'), 'target-arrow-color': css('--warn'), width: 4, opacity: 1 } },
    { selector: 'node.sel', style: { 'border-width': onScreen(4), 'border-color': css('--focus'), 'underlay-color': css('--focus'), 'underlay-opacity': 0.25, 'underlay-padding': onScreen(6) } },
  ];
}
