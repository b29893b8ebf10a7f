// The interactive dependency graph: folders that open and close, what a file uses and what uses
// it, cycles, evidence. All text of the source goes through textContent or the canvas.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SHOWN_AT_FIRST = 90; // folders open while no more than this many nodes would show
  const FORCE_MOST = 40; // more nodes than this are packed in boxes: at once, and nothing overlaps
  const FORCE_BOXES = 3; // as are more open folders: forces leave wide gaps between them
  const FORCE_DENSITY = 4; // as are nodes with more edges each: forces would pull them into a ball
  const EDGES_MOST = 1500; // more edges than this are drawn for a choice alone, and then the nearest
  const LISTED = 300; // entries of a list, so that a huge one does not stall the panel
  const LONGEST_NAME = 30;
  const files = data.files;
  const index = new Map(files.map((path, i) => [path, i]));
  const folderOf = new Map();
  for (const [folder, entries] of Object.entries(data.tree)) {
    for (const entry of entries) folderOf.set(entry, folder);
  }
  const above = files.map((path) => {
    const folders = [];
    for (let at = folderOf.get(path); at; at = folderOf.get(at)) folders.unshift(at);
    return folders;
  });
  const uses = files.map(() => []); // indices into data.edges
  const users = files.map(() => []);
  data.edges.forEach(([source, target], i) => {
    uses[source].push(i);
    users[target].push(i);
  });
  const symbols = new Map(data.uses.map((use) => [`${use[0]} ${use[1]}`, use]));
  const cyclesOf = new Map();
  data.cycles.forEach(([members], i) => members.forEach((file) => cyclesOf.set(file, i)));
  const circular = (i) => {
    const [source, target] = data.edges[i];
    const cycle = cyclesOf.get(source);
    return cycle !== undefined && cycle === cyclesOf.get(target) && data.cycles[cycle][2] !== "one package";
  };
  const state = { open: new Set(), tests: true, far: false, chosen: null, cycle: null, joined: [], packed: false };
  const places = new Map(); // where each node stood last
  const element = (id) => document.getElementById(id);

  // The layout draws lots: always the same ones, so that a page looks the same each time.
  let seed = 1;
  const dice = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed / 0x80000000;
  };
  const ownRandom = Math.random;

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  const cy = cytoscape({
    container: element("graph"),
    elements: [],
    style: [],
    minZoom: 0.02,
    maxZoom: 4,
    hideEdgesOnViewport: files.length > 500,
    textureOnViewport: files.length > 500,
    boxSelectionEnabled: false,
    autounselectify: true,
  });

  function dress() {
    const c = Object.fromEntries(
      ["ground", "line", "text", "pale", "uses", "used", "both", "cycle", "folder", "mark"].map((n) => [n, colour(n)]),
    );
    cy.style([
      {
        selector: "node",
        style: {
          label: "data(label)", color: c.text, "font-size": 11, "min-zoomed-font-size": 7, "text-valign": "bottom", "text-margin-y": 3,
          "background-color": c.pale, width: "data(size)", height: "data(size)",
          "z-index-compare": "manual", "z-index": 60,
        },
      },
      {
        selector: "node.folder",
        style: {
          shape: "round-rectangle", "background-color": c.mark, "border-width": 1.5,
          "border-color": c.pale, "font-weight": "bold", "text-valign": "center", "font-size": 14,
          "min-zoomed-font-size": 4,
          "text-margin-y": 0, width: "data(width)", height: 34,
        },
      },
      {
        selector: "node.box",
        style: {
          shape: "round-rectangle", "background-color": c.folder, "background-opacity": 0.6,
          "border-width": 1, "border-color": c.line, "text-valign": "top", color: c.pale,
          "text-margin-y": -2, padding: 14,
        },
      },
      {
        selector: "node.pane",
        style: {
          shape: "rectangle", "background-color": c.folder, "background-opacity": 0.6,
          "border-width": 1, "border-color": c.line, "text-valign": "top", color: c.pale,
          "text-margin-y": 16, "font-size": 13, "min-zoomed-font-size": 4, width: "data(width)",
          height: "data(height)",
          "z-index-compare": "manual", "z-index": "data(depth)",
        },
      },
      {
        selector: "edge",
        style: {
          "z-index-compare": "manual", "z-index": 50, width: "data(width)", "line-color": c.pale, "target-arrow-color": c.pale,
          "target-arrow-shape": "triangle", "arrow-scale": 0.8, "curve-style": "bezier",
          "control-point-step-size": 18, opacity: 0.4,
        },
      },
      { selector: "edge.dense", style: { opacity: 0.16 } },
      { selector: "edge.circular", style: { "line-color": c.cycle, "target-arrow-color": c.cycle } },
      { selector: "edge.unsure", style: { "line-style": "dashed" } },
      { selector: "node.test", style: { shape: "diamond" } },
      { selector: "node.changed", style: { "border-width": 4, "border-color": c.cycle } },
      { selector: "node.affected", style: { "border-width": 3, "border-color": c.used } },
      { selector: "node.ranging", style: { "border-width": 2, "border-color": c.used, "border-style": "dashed" } },
      { selector: ".faded", style: { opacity: 0.12 } },
      { selector: "edge.faded", style: { opacity: 0.04 } },
      { selector: "node.uses", style: { "background-color": c.uses } },
      { selector: "node.used", style: { "background-color": c.used } },
      { selector: "node.uses.used", style: { "background-color": c.both } },
      { selector: "node.folder.uses, node.folder.used, node.folder.incycle", style: { color: c.ground } },
      { selector: "edge.uses", style: { "line-color": c.uses, "target-arrow-color": c.uses, opacity: 0.9 } },
      { selector: "edge.used", style: { "line-color": c.used, "target-arrow-color": c.used, opacity: 0.9 } },
      { selector: "node.further", style: { opacity: 0.5 } },
      { selector: "edge.further", style: { opacity: 0.25 } },
      { selector: "node.incycle", style: { "background-color": c.cycle } },
      {
        selector: "edge.incycle",
        style: { "line-color": c.cycle, "target-arrow-color": c.cycle, opacity: 0.9 },
      },
      { selector: "edge.example", style: { width: 5, opacity: 1 } },
      {
        selector: "node.chosen",
        style: { "border-width": 4, "border-color": c.text, "background-color": c.mark, opacity: 1 },
      },
    ]);
  }

  const hidden = (file) => !state.tests && data.about[file][2];
  const base = (entry) => {
    const bare = entry.endsWith("/") ? entry.slice(0, -1) : entry;
    const folder = folderOf.get(entry) || "";
    const name = bare.slice(folder.length) + (entry.endsWith("/") ? "/" : "");
    // Cut here: the library's own ellipsis measures each name again and again.
    return name.length > LONGEST_NAME ? `${name.slice(0, 14)}…${name.slice(15 - LONGEST_NAME)}` : name;
  };

  // The node that stands for a file: itself, or the closed folder around it.
  function standIn(file) {
    const closed = above[file].find((folder) => !state.open.has(folder));
    return closed === undefined ? `f${file}` : `d${closed}`;
  }

  const inside = new Map(); // files of each folder, however deep
  above.forEach((folders, file) => {
    for (const folder of folders) {
      if (!inside.has(folder)) inside.set(folder, []);
      inside.get(folder).push(file);
    }
  });

  const code = (folder) => inside.get(folder).filter((file) => !data.about[file][2]).length;

  // The folders with most code, tests last.
  function openAtFirst() {
    let shown = (data.tree[""] || []).length;
    const waiting = (data.tree[""] || []).filter((entry) => entry.endsWith("/"));
    while (waiting.length) {
      waiting.sort((a, b) => code(b) - code(a) || (a < b ? -1 : 1));
      const folder = waiting.shift();
      const entries = data.tree[folder];
      if (shown + entries.length - 1 > SHOWN_AT_FIRST) continue;
      shown += entries.length - 1;
      state.open.add(folder);
      waiting.push(...entries.filter((entry) => entry.endsWith("/")));
    }
  }

  function visible() {
    const nodes = [];
    const visit = [[data.tree[""] || [], undefined]];
    while (visit.length) {
      const [entries, parent] = visit.pop();
      for (const entry of entries) {
        if (!entry.endsWith("/")) {
          const file = index.get(entry);
          if (hidden(file)) continue;
          const [, rank, test, change] = data.about[file];
          nodes.push({
            group: "nodes",
            data: {
              id: `f${file}`, file, parent, label: base(entry),
              size: 12 + Math.min(28, 40 * Math.sqrt(rank)),
            },
            classes: [test ? "test" : "", ["", "changed", "affected", "ranging"][change]].join(" "),
          });
          continue;
        }
        const within = inside.get(entry).filter((file) => !hidden(file));
        if (!within.length) continue;
        const open = state.open.has(entry);
        const label = open ? base(entry) : `${base(entry)}  ${within.length}`;
        const width = Math.max(60, 8.5 * label.length + 18);
        nodes.push({
          group: "nodes",
          data: { id: `d${entry}`, folder: entry, parent, label, width, size: 34 },
          classes: open ? "box" : `folder ${["", "changed", "affected", "ranging"][worst(within)]}`,
        });
        if (open) visit.push([data.tree[entry], `d${entry}`]);
      }
    }
    return nodes;
  }

  const worst = (within) =>
    [1, 2, 3].find((change) => within.some((file) => data.about[file][3] === change)) || 0;

  function joined() {
    const found = new Map();
    data.edges.forEach(([source, target, evidence], i) => {
      if (hidden(source) || hidden(target)) return;
      const from = standIn(source);
      const to = standIn(target);
      if (from === to) return;
      const key = `${from}\n${to}`;
      if (!found.has(key)) found.set(key, { from, to, edges: [], circular: false, sure: false });
      const edge = found.get(key);
      edge.edges.push(i);
      edge.circular ||= circular(i);
      edge.sure ||= evidence.some((each) => data.confidences[each[4]] !== "dynamic");
    });
    state.joined = [...found.values()].map((edge, i) => ({
      group: "edges",
      data: {
        id: `e${i}`, source: edge.from, target: edge.to, edges: edge.edges,
        width: 1 + Math.log2(edge.edges.length),
      },
      classes: [edge.circular ? "circular" : "", edge.sure ? "" : "unsure"].join(" "),
    }));
  }

  // Boxes in boxes, filled row by row: at once for thousands of files.
  function packed() {
    const at = new Map();
    const gap = 20;
    const boxed = new Map();
    const order = [""];
    for (let i = 0; i < order.length; i += 1) {
      for (const entry of data.tree[order[i]] || []) {
        if (entry.endsWith("/") && state.open.has(entry)) order.push(entry);
      }
    }
    for (const folder of order.reverse()) {
      const items = (data.tree[folder] || [])
        .map((entry) => {
          const id = entry.endsWith("/") ? `d${entry}` : `f${index.get(entry)}`;
          if (boxed.has(entry)) return { id, entry, ...boxed.get(entry) };
          const tile = entry.endsWith("/") ? cy.getElementById(id).data("width") : 96;
          return { id, entry, width: tile, height: 52 };
        })
        .filter((item) => cy.getElementById(item.id).nonempty());
      const area = items.reduce((sum, item) => sum + (item.width + gap) * (item.height + gap), 0);
      const limit = Math.max(Math.sqrt(area) * 1.35, ...items.map((item) => item.width));
      let [x, y, row, widest] = [0, 0, 0, 0];
      for (const item of items) {
        if (x > 0 && x + item.width > limit) [x, y, row] = [0, y + row + gap, 0];
        at.set(item.id, { within: folder, x, y, width: item.width, height: item.height });
        x += item.width + gap;
        row = Math.max(row, item.height);
        widest = Math.max(widest, x - gap);
      }
      if (folder) boxed.set(folder, { width: widest + 2 * gap, height: y + row + 2 * gap });
    }
    const corner = (id) => {
      const mine = at.get(id);
      let { x, y } = mine;
      for (let folder = mine.within; folder; ) {
        const outer = at.get(`d${folder}`);
        [x, y] = [x + outer.x + gap, y + outer.y + gap];
        folder = outer.within;
      }
      return { x, y };
    };
    cy.nodes().forEach((node) => {
      const { width, height } = at.get(node.id());
      const { x, y } = corner(node.id());
      node.position({ x: x + width / 2, y: y + height / 2 });
      if (node.hasClass("pane")) node.data({ width, height });
    });
  }

  function arrange(fit) {
    if (state.packed) {
      cy.batch(packed);
    } else {
      const nodes = leaves();
      const known = nodes.filter((node) => places.has(node.id()));
      known.positions((node) => places.get(node.id()));
      const fresh = nodes.filter((node) => !places.has(node.id()));
      fresh.forEach((node) => {
        // New ones begin where the folder stood that they came out of.
        let folder = node.data("file") === undefined ? node.data("folder") : files[node.data("file")];
        while (folder && !places.has(`d${folder}`)) folder = folderOf.get(folder);
        const near = places.get(`d${folder}`) || { x: 0, y: 0 };
        node.position({ x: near.x + 60 * (dice() - 0.5), y: near.y + 60 * (dice() - 0.5) });
      });
      seed = 1;
      Math.random = dice;
      try {
        cy.layout({
          name: "fcose", animate: false, fit: false, randomize: known.empty(),
          quality: "proof", nodeDimensionsIncludeLabels: true, uniformNodeDimensions: false,
          nodeSeparation: 110, idealEdgeLength: 130, nodeRepulsion: 16000, packComponents: false,
          numIter: 2500,
        }).run();
      } finally {
        Math.random = ownRandom;
      }
    }
    cy.nodes().forEach((node) => {
      places.set(node.id(), { ...node.position() });
    });
    if (fit) cy.fit(undefined, 30);
  }

  // An open folder as a plain rectangle below its files: nodes inside of nodes are slow by the
  // thousand, and boxes that are packed know their size.
  function flat(node) {
    if (node.classes === "box") {
      node.classes = "pane";
      node.grabbable = false;
      node.data.depth = node.data.folder.split("/").length;
      node.data.height = 34;
    }
    delete node.data.parent;
  }

  function rebuild(fit = true) {
    joined();
    const nodes = visible();
    const count = nodes.filter((node) => node.classes !== "box").length;
    state.packed =
      count > FORCE_MOST ||
      nodes.length - count > FORCE_BOXES ||
      state.joined.length > FORCE_DENSITY * count + 20;
    if (state.packed) nodes.forEach(flat);
    cy.batch(() => {
      cy.elements().remove();
      cy.add(nodes);
      if (!crowded()) cy.add(state.joined);
      if (state.packed) cy.edges().addClass("dense");
    });
    arrange(fit);
    light();
    const shown = `${count.toLocaleString("en")} nodes for ${files.length.toLocaleString("en")} files`;
    element("status").textContent = `${shown}, ${data.edges.length.toLocaleString("en")} pairs`;
    document.body.dataset.nodes = String(count);
  }

  // Distance of each file in reach of the chosen ones, by edges in one direction.
  function reach(starts, edges, end, far = state.far) {
    const found = new Map(starts.map((file) => [file, 0]));
    let ring = starts;
    for (let distance = 1; ring.length && (far || distance === 1); distance += 1) {
      const next = [];
      for (const file of ring) {
        for (const i of edges[file]) {
          const other = data.edges[i][end];
          if (!found.has(other)) {
            found.set(other, distance);
            next.push(other);
          }
        }
      }
      ring = next;
    }
    return found;
  }

  const chosenFiles = () => {
    if (state.chosen === null) return [];
    return typeof state.chosen === "number" ? [state.chosen] : inside.get(state.chosen) || [];
  };

  // Folders that are open. Their look never changes: restyling one restyles all that is inside.
  const boxes = () => cy.nodes(".box, .pane");
  const leaves = () => cy.nodes().difference(boxes());

  const LIT = "uses used further faded chosen incycle example";
  const crowded = () => state.joined.length > EDGES_MOST;

  // Of too many edges only those that the choice lights are there, the nearest if even they are.
  function bring(distance) {
    if (!crowded()) return;
    cy.edges().remove();
    const wanted = state.joined
      .map((edge) => [distance(edge.data.edges), edge])
      .filter(([far]) => far < Infinity)
      .sort((a, b) => a[0] - b[0]);
    cy.add(wanted.slice(0, EDGES_MOST).map(([, edge]) => edge));
  }

  function light() {
    cy.batch(() => {
      cy.elements().removeClass(LIT);
      const starts = chosenFiles();
      if (starts.length) lightReach(starts);
      else if (state.cycle !== null) lightCycle(data.cycles[state.cycle]);
      else bring(() => Infinity);
    });
  }

  function lightReach(starts) {
    const down = reach(starts, uses, 1);
    const up = reach(starts, users, 0);
    const step = (found, list, near, far) =>
      Math.min(
        ...list.map((i) => {
          const edge = data.edges[i];
          return found.has(edge[near]) && found.has(edge[far]) ? found.get(edge[near]) : Infinity;
        }),
      );
    bring((list) => Math.min(step(down, list, 0, 1), step(up, list, 1, 0)));
    cy.elements().difference(boxes()).addClass("faded");
    const nodes = new Map();
    for (const [found, name] of [[down, "uses"], [up, "used"]]) {
      for (const [file, distance] of found) {
        if (!distance || hidden(file)) continue;
        const id = standIn(file);
        if (!nodes.has(id)) nodes.set(id, { uses: Infinity, used: Infinity });
        nodes.get(id)[name] = Math.min(distance, nodes.get(id)[name]);
      }
    }
    for (const [id, near] of nodes) {
      const names = ["uses", "used"].filter((name) => near[name] < Infinity);
      const node = cy.getElementById(id).removeClass("faded").addClass(names.join(" "));
      if (Math.min(near.uses, near.used) > 1) node.addClass("further");
    }
    cy.edges().forEach((edge) => {
      const below = step(down, edge.data("edges"), 0, 1);
      const over = step(up, edge.data("edges"), 1, 0);
      if (below === Infinity && over === Infinity) return;
      edge.removeClass("faded").addClass(below <= over ? "uses" : "used");
      if (Math.min(below, over) > 0) edge.addClass("further");
    });
    const id = typeof state.chosen === "number" ? standIn(state.chosen) : `d${state.chosen}`;
    cy.getElementById(id).removeClass("faded further").addClass("chosen");
  }

  function lightCycle([members, example]) {
    const within = new Set(members);
    const way = new Set(example.map(([source, target]) => `${source} ${target}`));
    bring((list) => {
      const ends = list.map((i) => data.edges[i]);
      if (ends.some(([source, target]) => way.has(`${source} ${target}`))) return 0;
      return ends.some(([source, target]) => within.has(source) && within.has(target)) ? 1 : Infinity;
    });
    cy.elements().difference(boxes()).addClass("faded");
    for (const file of members) cy.getElementById(standIn(file)).removeClass("faded").addClass("incycle");
    cy.edges().forEach((edge) => {
      const lists = edge.data("edges").map((i) => data.edges[i]);
      if (!lists.some(([source, target]) => within.has(source) && within.has(target))) return;
      edge.removeClass("faded").addClass("incycle");
      if (lists.some(([source, target]) => way.has(`${source} ${target}`))) edge.addClass("example");
    });
  }

  // The panel.
  function make(tag, text, name) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (name) made.className = name;
    return made;
  }

  function entry(text, act, name) {
    const made = make("button", text, `entry ${name || ""}`);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  }

  function section(title, name) {
    const made = make("section");
    made.append(make("h2", title, name));
    element("side").append(made);
    return made;
  }

  function listed(box, items, show) {
    items.slice(0, LISTED).forEach((item) => box.append(...[show(item)].flat()));
    if (items.length > LISTED) box.append(make("p", `and ${items.length - LISTED} more`, "pale"));
  }

  function evidence(i) {
    const [source, target, lines] = data.edges[i];
    const list = make("ul", undefined, "evidence");
    for (const [line, column, kind, name, trust, condition] of lines) {
      const doubt = trust ? `, ${data.confidences[trust]}` : "";
      const when = condition ? ` [${condition}]` : "";
      list.append(make("li", `${files[source]}:${line}:${column} ${data.kinds[kind]} ${name}${doubt}${when}`));
    }
    const symbol = symbols.get(`${source} ${target}`);
    if (symbol) {
      for (const [line, kind, from, to, trust] of symbol[3]) {
        const doubt = trust ? `, ${data.confidences[trust]}` : "";
        list.append(make("li", `line ${line}: ${from || "top"} ${data.kinds[kind]} ${to}${doubt}`));
      }
      const rest = symbol[2] - symbol[3].length;
      if (rest > 0) list.append(make("li", `and ${rest} more uses of its symbols`));
    }
    return list;
  }

  function panel() {
    const side = element("side");
    side.replaceChildren();
    side.scrollTop = 0;
    if (typeof state.chosen === "number") return filePanel(state.chosen);
    if (state.chosen !== null) return folderPanel(state.chosen);
    if (state.cycle !== null) return cyclePanel(state.cycle);
    return startPanel();
  }

  function keys(box, pairs) {
    const made = make("div", undefined, "keys");
    for (const [text, name] of pairs) made.append(make("span", text, name));
    box.append(made);
  }

  function startPanel() {
    const box = section(data.title || "Dependencies");
    const lines = [
      `${files.length.toLocaleString("en")} files, ${data.edges.length.toLocaleString("en")} pairs of files with a dependency.`,
      "Click a file or folder for what it uses and what uses it; double-click a folder to open or close it; click an edge for its evidence.",
      ...data.notes,
    ];
    for (const line of lines) box.append(make("p", line));
    keys(box, [["used by the chosen", "uses"], ["use the chosen", "used"], ["both", "both"], ["cycle", "cycle"]]);
    box.append(make("p", "A diamond is a test. Dashed edges are decided when the program runs.", "pale"));
    if (data.changes.length) {
      const changed = section(`Changed files: ${data.changes.length}`, "cycle");
      changed.append(make("p", "Red border: changed. Orange: uses what changed. Dashed orange: imports it, also through others.", "pale"));
      listed(changed, data.changes, ([path, what]) =>
        entry(`${path} (${what})`, () => index.has(path) && choose(index.get(path), true)));
    }
    if (data.broken.length) {
      const broken = section(`Rules broken: ${data.broken.length}`, "cycle");
      listed(broken, data.broken, ([rule, edges]) => [
        entry(`${rule}: ${files[data.edges[edges[0]][0]]}`, () => choose(data.edges[edges[0]][0], true)),
        ...edges.map(evidence),
      ]);
    }
    if (data.cycles.length) {
      const cycles = section(`Cycles: ${data.cycles.length}`, "cycle");
      listed(cycles, data.cycles.map((cycle, i) => [cycle, i]), ([[members, , mild], i]) =>
        entry(`${members.length} files${mild && ` (${mild})`}: ${members.slice(0, 3).map((f) => files[f]).join(", ")}`, () => chooseCycle(i)));
    }
    const leading = section("Most used");
    const order = files.map((_, i) => i).sort((a, b) => data.about[b][1] - data.about[a][1] || a - b);
    order.slice(0, 12).forEach((file) => leading.append(entry(files[file], () => choose(file, true))));
  }

  function pairs(title, name, edges, end) {
    const box = section(`${title}: ${edges.length}`, name);
    listed(box, edges, (i) => [
      entry(files[data.edges[i][end]], () => choose(data.edges[i][end], true)),
      evidence(i),
    ]);
  }

  function inReach(title, name, found) {
    const far = [...found].filter(([, distance]) => distance > 1).sort((a, b) => a[1] - b[1] || a[0] - b[0]);
    const tests = far.filter(([file]) => data.about[file][2]).length;
    const box = section(`${title}: ${far.length}${tests ? `, ${tests} tests` : ""}`, name);
    listed(box, far, ([file, distance]) => entry(`${distance} steps: ${files[file]}`, () => choose(file, true)));
  }

  function filePanel(file) {
    const [language, rank, test, change] = data.about[file];
    const box = section(files[file]);
    const said = [data.languages[language], test ? "test" : "", `weight ${(100 * rank).toFixed(1)} %`,
      ["", "changed", "uses what changed", "imports what changed, also through others"][change]];
    box.append(make("p", said.filter(Boolean).join(", "), "pale"));
    if (above[file].length) {
      const folder = above[file][above[file].length - 1];
      box.append(entry(`in ${folder}`, () => choose(folder, true)));
    }
    if (cyclesOf.has(file)) {
      const cycle = cyclesOf.get(file);
      box.append(entry(`in a cycle of ${data.cycles[cycle][0].length} files`, () => chooseCycle(cycle), "cycle"));
    }
    pairs("Uses", "uses", uses[file], 1);
    pairs("Used by", "used", users[file], 0);
    inReach("A change of it can reach, through others", "used", reach([file], users, 0, true));
    inReach("It uses, through others", "uses", reach([file], uses, 1, true));
    const lost = data.unresolved[file] || [];
    if (lost.length) {
      const gone = section(`Leads to no file here: ${lost.length}`);
      const list = make("ul", undefined, "evidence");
      lost.slice(0, LISTED).forEach(([line, what, reason]) => list.append(make("li", `line ${line}: ${what} (${reason})`)));
      gone.append(list);
    }
  }

  function folderPanel(folder) {
    const within = new Set(inside.get(folder));
    const box = section(folder);
    box.append(make("p", `${within.size} files`, "pale"));
    const open = state.open.has(folder);
    const turn = make("button", open ? "Close folder" : "Open folder");
    turn.type = "button";
    turn.addEventListener("click", () => toggle(folder));
    box.append(turn);
    const leaving = (list, end) => [...within].flatMap((file) => list[file].filter((i) => !within.has(data.edges[i][end])));
    pairs("Uses outside of it", "uses", leaving(uses, 1), 1);
    pairs("Used from outside", "used", leaving(users, 0), 0);
  }

  function cyclePanel(i) {
    const [members, example, mild] = data.cycles[i];
    const box = section(`Cycle of ${members.length} files`, "cycle");
    const when = {
      "": "It is met as they are loaded.",
      "lazy or typing": "Lazy or typing imports alone close it.",
      "one package": "They are one package, which is compiled as a whole.",
    }[mild];
    box.append(make("p", `Every one of them can be reached from every other. ${when} A shortest way round:`, "pale"));
    listed(box, example, ([source, target]) => {
      const at = uses[source].find((e) => data.edges[e][1] === target);
      return [entry(`${files[source]} -> ${files[target]}`, () => choose(source, true)), evidence(at)];
    });
    const all = section("Its files");
    const show = make("button", "Open their folders");
    show.type = "button";
    show.addEventListener("click", () => {
      members.forEach((file) => above[file].forEach((folder) => state.open.add(folder)));
      rebuild();
    });
    all.append(show);
    listed(all, members, (file) => entry(files[file], () => choose(file, true)));
  }

  function edgePanel(edges) {
    const side = element("side");
    side.replaceChildren();
    const box = section(edges.length === 1 ? "Dependency" : `${edges.length} dependencies`);
    listed(box, edges, (i) => {
      const [source, target] = data.edges[i];
      return [entry(`${files[source]} -> ${files[target]}`, () => choose(source, true)), evidence(i)];
    });
  }

  // What the user does.
  function choose(what, bring) {
    state.chosen = what;
    state.cycle = null;
    const folders = typeof what === "number" ? above[what] : [];
    const closed = bring && folders.some((folder) => !state.open.has(folder));
    if (closed) {
      folders.forEach((folder) => state.open.add(folder));
      rebuild(false);
    } else light();
    panel();
    if (bring) {
      const node = cy.getElementById(typeof what === "number" ? standIn(what) : `d${what}`);
      if (node.nonempty()) {
        if (cy.zoom() < 0.45) cy.zoom(0.9);
        cy.center(node);
      }
    }
    remember();
  }

  function chooseCycle(i) {
    state.chosen = null;
    state.cycle = i;
    light();
    panel();
    remember();
  }

  function clear() {
    state.chosen = null;
    state.cycle = null;
    light();
    panel();
    remember();
  }

  function toggle(folder) {
    if (state.open.has(folder)) state.open.delete(folder);
    else state.open.add(folder);
    rebuild(false);
    panel();
  }

  function remember() {
    let hash = "";
    if (typeof state.chosen === "number") hash = `#file=${encodeURIComponent(files[state.chosen])}`;
    else if (state.chosen !== null) hash = `#folder=${encodeURIComponent(state.chosen)}`;
    else if (state.cycle !== null) hash = `#cycle=${state.cycle}`;
    history.replaceState(null, "", hash || location.pathname + location.search);
  }

  function recall() {
    const [, what, value] = /^#(file|folder|cycle)=(.*)$/.exec(location.hash) || [];
    let name = "";
    try {
      name = decodeURIComponent(value || "");
    } catch {
      return;
    }
    if (what === "file" && index.has(name)) choose(index.get(name), true);
    else if (what === "folder" && inside.has(name)) choose(name, true);
    else if (what === "cycle" && data.cycles[Number(name)]) chooseCycle(Number(name));
  }

  function search() {
    const words = element("query").value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = element("found");
    found.replaceChildren();
    if (!words.length) return [];
    const scored = [];
    files.forEach((path, i) => {
      const lower = path.toLowerCase();
      if (!words.every((word) => lower.includes(word))) return;
      const name = lower.slice(lower.lastIndexOf("/") + 1);
      scored.push([words.every((word) => name.includes(word)) ? 0 : 1, path.length, i]);
    });
    scored.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
    const best = scored.slice(0, 50).map((each) => each[2]);
    best.forEach((i) => found.append(entry(files[i], () => {
      found.replaceChildren();
      choose(i, true);
    })));
    if (!best.length) found.append(make("p", "no such file", "pale"));
    return best;
  }

  function ready() {
    dress();
    dark.addEventListener("change", dress);
    cy.on("tap", "node", (event) => {
      const node = event.target;
      choose(node.data("file") === undefined ? node.data("folder") : node.data("file"), false);
    });
    cy.on("dbltap", "node", (event) => {
      const folder = event.target.data("folder");
      if (folder !== undefined) toggle(folder);
    });
    cy.on("tap", "edge", (event) => edgePanel(event.target.data("edges")));
    cy.on("tap", (event) => event.target === cy && clear());
    cy.on("dragfree", "node", (event) => places.set(event.target.id(), { ...event.target.position() }));
    element("query").addEventListener("input", search);
    element("query").addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        const [first] = search();
        if (first !== undefined) {
          element("found").replaceChildren();
          choose(first, true);
        }
      } else if (event.key === "ArrowDown") {
        element("found").querySelector("button")?.focus();
        event.preventDefault();
      }
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        element("found").replaceChildren();
        clear();
      } else if (event.key === "/" && event.target.tagName !== "INPUT") {
        element("query").focus();
        event.preventDefault();
      }
    });
    document.addEventListener("click", (event) => {
      if (!element("find").contains(event.target)) element("found").replaceChildren();
    });
    const press = (id, act) => element(id).addEventListener("click", act);
    press("fit", () => cy.fit(undefined, 30));
    press("open", () => {
      inside.forEach((_, folder) => state.open.add(folder));
      rebuild();
    });
    press("close", () => {
      state.open.clear();
      rebuild();
    });
    press("over", clear);
    press("far", () => {
      state.far = !state.far;
      element("far").setAttribute("aria-pressed", String(state.far));
      light();
      panel();
    });
    press("tests", () => {
      state.tests = !state.tests;
      element("tests").setAttribute("aria-pressed", String(state.tests));
      rebuild();
    });
    openAtFirst();
    rebuild();
    panel();
    recall();
    window.addEventListener("hashchange", recall);
    window.dependencyView = { cy, state, data, choose, toggle };
    document.body.dataset.ready = "yes";
  }
  ready();
})();
