// Where boxes stand: what uses others above what is used, in rows, with few crossings.
//
// Each open folder is laid out by itself, from the inside out, so that thousands of files take
// moments, and the same graph always looks the same. The steps are Sugiyama's: cycles are broken
// by a greedy order (Eades, Lin and Smyth, 1993), layers follow the longest way, and each layer is
// sorted by where its neighbours stand.
"use strict";
const dependencyLayers = (() => {
  const GAP_X = 26;
  const GAP_Y = 58; // room for edges to be told apart between two layers
  const GAP_ROWS = 16; // between rows of one layer, and of boxes that nothing joins
  const LAYERS_KEPT = 2; // so many are never joined
  const SWEEPS = 8;
  const ASPECT = 1.3; // of a screen's part beside the panel

  // Boxes in an order in which few uses lead back; links are [from, to, weight].
  function broken(count, links) {
    const out = Array.from({ length: count }, () => new Map());
    const into = Array.from({ length: count }, () => new Map());
    const balance = new Array(count).fill(0);
    for (const [from, to, weight] of links) {
      out[from].set(to, weight);
      into[to].set(from, weight);
      balance[from] += weight;
      balance[to] -= weight;
    }
    const left = new Set(out.keys());
    const first = [];
    const last = [];
    const ends = [...left].filter((n) => !out[n].size || !into[n].size);
    const take = (n, list) => {
      left.delete(n);
      list.push(n);
      for (const [m, weight] of out[n]) {
        into[m].delete(n);
        balance[m] += weight;
        if (!into[m].size && left.has(m)) ends.push(m);
      }
      for (const [m, weight] of into[n]) {
        out[m].delete(n);
        balance[m] -= weight;
        if (!out[m].size && left.has(m)) ends.push(m);
      }
    };
    while (left.size) {
      if (ends.length) {
        const n = ends.shift();
        if (left.has(n)) take(n, into[n].size ? last : first);
        continue;
      }
      let best = -1;
      for (const n of left) if (best < 0 || balance[n] > balance[best]) best = n;
      take(best, first);
    }
    return [...first, ...last.reverse()];
  }

  // Layers of boxes, each a list; every use that does not close a cycle leads down.
  function layered(count, links) {
    const order = broken(count, links);
    const place = new Array(count);
    order.forEach((n, i) => (place[n] = i));
    const down = Array.from({ length: count }, () => []);
    const up = Array.from({ length: count }, () => []);
    for (const [a, b] of links) {
      const [from, to] = place[a] < place[b] ? [a, b] : [b, a];
      down[from].push(to);
      up[to].push(from);
    }
    const rank = new Array(count).fill(0);
    for (const n of order) for (const m of down[n]) rank[m] = Math.max(rank[m], rank[n] + 1);
    // What nothing uses stands right above the first that it uses, not all at the top.
    for (const n of order.slice().reverse()) {
      if (!up[n].length && down[n].length) rank[n] = Math.min(...down[n].map((m) => rank[m])) - 1;
    }
    const layers = [];
    for (let n = 0; n < count; n += 1) (layers[rank[n]] ||= []).push(n);
    return { layers: layers.filter(Boolean), up, down };
  }

  // Join the two neighbouring layers with fewest boxes and uses between them.
  function join(layers, links) {
    const at = new Map(layers.flatMap((layer, i) => layer.map((n) => [n, i])));
    const price = layers.slice(1).map((layer, i) => layer.length + layers[i].length);
    for (const [from, to] of links) {
      const [high, low] = [at.get(from), at.get(to)].sort((a, b) => a - b);
      if (low === high + 1) price[high] += 2;
    }
    const least = price.indexOf(Math.min(...price));
    layers.splice(least, 2, [...layers[least], ...layers[least + 1]]);
  }

  // Each layer sorted by the middle of its neighbours, down and up in turns.
  function sort(layers, up, down) {
    const at = new Map();
    const number = (layer) => layer.forEach((n, i) => at.set(n, (i + 0.5) / layer.length));
    layers.forEach(number);
    for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
      const near = sweep % 2 ? down : up;
      for (const layer of sweep % 2 ? layers.slice().reverse() : layers) {
        const middle = new Map(
          layer.map((n) => {
            const others = near[n].length ? near[n] : [n];
            return [n, others.reduce((sum, m) => sum + at.get(m), 0) / others.length];
          }),
        );
        layer.sort((a, b) => middle.get(a) - middle.get(b) || a - b);
        number(layer);
      }
    }
  }

  // A layer as rows that are no wider than allowed.
  function rows(layer, items, limit) {
    const found = [[]];
    let width = 0;
    for (const n of layer) {
      if (width && width + items[n].width > limit) {
        found.push([]);
        width = 0;
      }
      found[found.length - 1].push(n);
      width += items[n].width + GAP_X;
    }
    return found;
  }

  // Top left corners of boxes, and how much room they take together.
  return function place(items, links) {
    const joined = new Set(links.flatMap(([from, to]) => [from, to]));
    const alone = items.map((_, n) => n).filter((n) => !joined.has(n));
    const among = items.map((_, n) => n).filter((n) => joined.has(n));
    const number = new Map(among.map((n, i) => [n, i]));
    const inner = links.map(([from, to, weight]) => [number.get(from), number.get(to), weight]);
    const { layers, up, down } = layered(among.length, inner);
    // Long chains of layers would be a thin, tall drawing that nobody can read as a whole.
    const breadth = (layer) => layer.reduce((sum, i) => sum + items[among[i]].width + GAP_X, 0);
    const depth = (layer) => Math.max(...layer.map((i) => items[among[i]].height)) + GAP_Y;
    while (
      layers.length > LAYERS_KEPT &&
      layers.reduce((sum, layer) => sum + depth(layer), 0) * ASPECT > Math.max(...layers.map(breadth))
    ) {
      join(layers, inner);
    }
    sort(layers, up, down);
    const spaced = (n) => (items[n].width + GAP_X) * (items[n].height + (joined.has(n) ? GAP_Y : GAP_ROWS));
    const area = items.reduce((sum, _, n) => sum + spaced(n), 0);
    const limit = Math.max(Math.sqrt(area * ASPECT), ...items.map((item) => item.width));
    const lines = []; // rows, with the gap above each
    for (const layer of layers) {
      rows(layer.map((i) => among[i]), items, limit * 1.15).forEach((row, i) =>
        lines.push([row, i ? GAP_ROWS : GAP_Y]));
    }
    if (alone.length) rows(alone, items, limit).forEach((row, i) => lines.push([row, i ? GAP_ROWS : GAP_Y]));
    const widths = lines.map(([row]) => row.reduce((sum, n) => sum + items[n].width + GAP_X, -GAP_X));
    const width = Math.max(0, ...widths);
    const corners = new Array(items.length);
    let y = 0;
    lines.forEach(([row, gap], i) => {
      if (i) y += gap;
      const height = Math.max(...row.map((n) => items[n].height));
      let x = (width - widths[i]) / 2;
      for (const n of row) {
        corners[n] = { x, y: y + (height - items[n].height) / 2 };
        x += items[n].width + GAP_X;
      }
      y += height;
    });
    return { corners, width, height: y };
  };
})();
