// The interactive dependency graph: folders that open and close, what a file uses and what uses
// it, cycles, evidence. All text of the source goes through textContent or the canvas.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SHOWN_AT_FIRST = 26; // folders open while no more than this many boxes would show
  const LOOSE_MOST = 8; // of larger folders, more files than this fold away as one box
  const LOOSE = "\0/"; // the name of that box: no folder can be called so
  const EDGES_MOST = 1500; // more edges than this are drawn for a choice alone, and then the nearest
  const DENSE = 150; // more edges than this are drawn paler
  const LISTED = 300; // entries of a list, so that a huge one does not stall the panel
  const LONGEST_NAME = 48;
  const FONT = "system-ui, sans-serif";
  const NAME_PX = 15;
  const files = data.files;
  const index = new Map(files.map((path, i) => [path, i]));
  // Files beside many folders fold away as one box, or a folder of fifty files hides its folders.
  for (const [folder, entries] of Object.entries(data.tree)) {
    const loose = entries.filter((entry) => !entry.endsWith("/"));
    if (entries.length > SHOWN_AT_FIRST && loose.length > LOOSE_MOST && loose.length < entries.length) {
      data.tree[folder] = [...entries.filter((entry) => entry.endsWith("/")), folder + LOOSE];
      data.tree[folder + LOOSE] = loose;
    }
  }
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
  const state = { open: new Set(), tests: true, far: false, chosen: null, cycle: null, joined: [] };
  const MILD = {
    "lazy or typing": "closed only by imports inside functions, or for type checkers alone, which loading does not meet.",
    "one package": "files of one package, which is compiled as a whole.",
  };
  // A path's last two parts: what tells it from others in a list of a few.
  const brief = (path) => path.split("/").slice(-2).join("/");
  const element = (id) => document.getElementById(id);

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
          label: "data(label)", color: c.text, "font-size": NAME_PX, "font-family": FONT,
          "min-zoomed-font-size": 5, "text-valign": "center", shape: "round-rectangle",
          "background-color": c.ground, "border-width": 1.5, "border-color": c.pale,
          width: "data(width)", height: "data(height)",
          "z-index-compare": "manual", "z-index": 60,
        },
      },
      { selector: "node.folder", style: { "background-color": c.mark, "font-weight": "bold" } },
      {
        selector: "node.pane",
        style: {
          shape: "rectangle", "background-color": c.folder, "background-opacity": 0.6,
          "border-width": 1, "border-color": c.line, "text-valign": "top", color: c.pale,
          "text-margin-y": 23, "font-weight": "bold", "text-halign": "left", "text-margin-x": "data(title)", "z-index": "data(depth)",
        },
      },
      {
        selector: "edge",
        style: {
          "z-index-compare": "manual", "z-index": 50, width: "data(width)", "line-color": c.pale, "target-arrow-color": c.pale,
          "target-arrow-shape": "triangle", "arrow-scale": "data(arrow)", "curve-style": "straight",
          opacity: 0.45,
        },
      },
      {
        // Round what stands between its ends.
        selector: "edge.bent",
        style: {
          "curve-style": "unbundled-bezier", "control-point-distances": "data(bend)",
          "control-point-weights": 0.5,
        },
      },
      { selector: "edge.dense", style: { opacity: 0.22 } },
      { selector: "edge.circular", style: { "line-color": c.cycle, "target-arrow-color": c.cycle } },
      { selector: "edge.unsure", style: { "line-style": "dashed" } },
      { selector: "node.test", style: { shape: "cut-rectangle", "border-style": "double", "border-width": 4 } },
      { selector: "node.changed", style: { "border-width": 4, "border-color": c.cycle } },
      { selector: "node.affected", style: { "border-width": 3, "border-color": c.used } },
      { selector: "node.ranging", style: { "border-width": 2, "border-color": c.used, "border-style": "dashed" } },
      { selector: "edge.near", style: { opacity: 1, "line-color": c.text, "target-arrow-color": c.text } },
      { selector: ".faded", style: { opacity: 0.12 } },
      { selector: "edge.faded", style: { opacity: 0.04 } },
      { selector: "node.uses", style: { "background-color": c.uses, color: c.ground } },
      { selector: "node.used", style: { "background-color": c.used, color: c.ground } },
      { selector: "node.uses.used", style: { "background-color": c.both } },
      { selector: "edge.uses", style: { "line-color": c.uses, "target-arrow-color": c.uses, opacity: 0.9 } },
      { selector: "edge.used", style: { "line-color": c.used, "target-arrow-color": c.used, opacity: 0.9 } },
      { selector: "node.further", style: { opacity: 0.5 } },
      { selector: "edge.further", style: { opacity: 0.25 } },
      { selector: "node.incycle", style: { "background-color": c.cycle, color: c.ground } },
      {
        selector: "edge.incycle",
        style: { "line-color": c.cycle, "target-arrow-color": c.cycle, opacity: 0.9 },
      },
      { selector: "edge.example", style: { width: 5, "arrow-scale": 0.8, opacity: 1 } },
      {
        selector: "node.chosen",
        style: { "border-width": 4, "border-color": c.text, "background-color": c.mark, opacity: 1 },
      },
    ]);
  }

  const hidden = (file) => !state.tests && data.about[file][2];
  const base = (entry) => {
    if (entry.endsWith(LOOSE)) return "files";
    const bare = entry.endsWith("/") ? entry.slice(0, -1) : entry;
    const folder = (folderOf.get(entry) || "").replace(LOOSE, "");
    const name = bare.slice(folder.length) + (entry.endsWith("/") ? "/" : "");
    const half = LONGEST_NAME / 2;
    return name.length > LONGEST_NAME ? `${name.slice(0, half)}…${name.slice(-half)}` : name;
  };
  const spoken = (folder) => (folder.endsWith(LOOSE) ? `files of ${folder.slice(0, -LOOSE.length) || "the top"}` : folder);

  const ruler = document.createElement("canvas").getContext("2d");
  const breadth = (label, bold) => {
    ruler.font = `${bold ? "bold " : ""}${NAME_PX}px ${FONT}`;
    return Math.ceil(ruler.measureText(label).width) + 24;
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

  // Those around everything, then the ones with most code, as long as all boxes can be read.
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
    const visit = [[data.tree[""] || [], 1]];
    while (visit.length) {
      const [entries, depth] = visit.pop();
      for (const entry of entries) {
        if (!entry.endsWith("/")) {
          const file = index.get(entry);
          if (hidden(file)) continue;
          const [, , test, change] = data.about[file];
          const label = base(entry);
          nodes.push({
            group: "nodes",
            data: { id: `f${file}`, file, label, width: breadth(label, false), height: 34 },
            classes: [test ? "test" : "", ["", "changed", "affected", "ranging"][change]].join(" "),
          });
          continue;
        }
        const within = inside.get(entry).filter((file) => !hidden(file));
        if (!within.length) continue;
        const open = state.open.has(entry);
        const label = open ? base(entry) : `${base(entry)}  ${within.length}`;
        nodes.push({
          group: "nodes",
          data: { id: `d${entry}`, folder: entry, label, width: breadth(label, true), height: 40, depth, title: breadth(label, true) - 10 },
          classes: open ? "pane" : `folder ${["", "changed", "affected", "ranging"][worst(within)]}`,
          grabbable: !open,
        });
        if (open) visit.push([data.tree[entry], depth + 1]);
      }
    }
    return nodes;
  }

  const worst = (within) =>
    [1, 2, 3].find((change) => within.some((file) => data.about[file][3] === change)) || 0;

  // An edge's looks: as thick as it has imports, and a head that neither drowns nor buries it.
  const weighed = (count) => {
    const width = Math.min(1.4 + 1.1 * Math.log2(count), 9);
    return { width, arrow: Math.max(0.55, 1.5 - 0.13 * width) };
  };

  function joined() {
    const found = new Map();
    data.edges.forEach(([source, target, evidence], i) => {
      if (hidden(source) || hidden(target)) return;
      const from = standIn(source);
      const to = standIn(target);
      if (from === to) return;
      const key = `${from}\n${to}`;
      if (!found.has(key)) found.set(key, { from, to, edges: [], count: 0, circular: false, sure: false });
      const edge = found.get(key);
      edge.edges.push(i);
      edge.count += evidence.length;
      edge.circular ||= circular(i);
      edge.sure ||= evidence.some((each) => data.confidences[each[4]] !== "dynamic");
    });
    state.joined = [...found.values()].map((edge, i) => ({
      group: "edges",
      data: {
        id: `e${i}`, source: edge.from, target: edge.to, edges: edge.edges,
        count: edge.count, ...weighed(edge.count), bend: 0,
      },
      classes: [edge.circular ? "circular" : "", edge.sure ? "" : "unsure"].join(" "),
    }));
  }

  // Uses between the boxes of each open folder: an edge counts where its two ends part.
  function parted() {
    const found = new Map();
    for (const { data: edge } of state.joined) {
      const [file, other] = data.edges[edge.edges[0]];
      const [here, there] = [above[file], above[other]];
      let depth = 0;
      while (depth < here.length && here[depth] === there[depth]) depth += 1;
      const folder = depth ? here[depth - 1] : "";
      const from = here[depth] || files[file];
      const to = there[depth] || files[other];
      if (!found.has(folder)) found.set(folder, new Map());
      const key = `${from}\n${to}`;
      const pair = found.get(folder).get(key) || [from, to, 0];
      pair[2] += edge.count;
      found.get(folder).set(key, pair);
    }
    return found;
  }

  // Boxes in boxes, from the inside out.
  function arrange() {
    const [margin, title] = [18, 34];
    const links = parted();
    const size = new Map();
    const inner = new Map();
    const order = [""];
    for (let i = 0; i < order.length; i += 1) {
      for (const entry of data.tree[order[i]] || []) {
        if (entry.endsWith("/") && state.open.has(entry)) order.push(entry);
      }
    }
    const id = (entry) => (entry.endsWith("/") ? `d${entry}` : `f${index.get(entry)}`);
    for (const folder of order.slice().reverse()) {
      const shown = (data.tree[folder] || []).filter((entry) => cy.getElementById(id(entry)).nonempty());
      const items = shown.map((entry) => size.get(entry) || cy.getElementById(id(entry)).data());
      const at = new Map(shown.map((entry, i) => [entry, i]));
      const among = [...(links.get(folder) || new Map()).values()].map(([from, to, count]) => [at.get(from), at.get(to), count]);
      const { corners, width, height } = dependencyLayers(items, among);
      inner.set(folder, shown.map((entry, i) => [entry, corners[i], items[i]]));
      const name = folder ? cy.getElementById(id(folder)).data("width") : 0;
      size.set(folder, {
        width: Math.max(width, name) + 2 * margin, height: height + margin + title,
        left: margin + Math.max(0, name - width) / 2,
      });
    }
    const corner = new Map([["", { x: 0, y: 0 }]]);
    cy.batch(() => {
      for (const folder of order) {
        if (!corner.has(folder)) continue;
        const outer = corner.get(folder);
        for (const [entry, { x, y }, { width, height }] of inner.get(folder)) {
          const at = { x: outer.x + x, y: outer.y + y };
          const node = cy.getElementById(id(entry));
          node.position({ x: at.x + width / 2, y: at.y + height / 2 });
          if (node.hasClass("pane")) {
            node.data({ width, height });
            corner.set(entry, { x: at.x + size.get(entry).left, y: at.y + title });
          }
        }
      }
      cy.edges().forEach(bend);
    });
  }

  // Straight where nothing can stand between: edges along a row, and over several, are bent.
  function bend(edge) {
    const [from, to] = [edge.source(), edge.target()];
    const [dx, dy] = ["x", "y"].map((axis) => to.position(axis) - from.position(axis));
    const along = Math.abs(dy) < 30;
    const near = (from.width() + to.width()) / 2 + 60;
    if (along ? Math.abs(dx) < near : Math.abs(dy) < 130) return;
    // To the side away from the middle of the drawing for ways down, over the row for ways along.
    const far = Math.min(along ? Math.abs(dx) * 0.22 : Math.abs(dy) * 0.16, 90);
    edge.data("bend", along ? Math.sign(dx) * -far : (edge.data("count") % 2 ? far : -far));
    edge.addClass("bent");
  }

  let untouched = true; // until the user moves the drawing it follows the window's size

  // All of it, but never larger than life.
  function fit() {
    cy.fit(undefined, 26);
    if (cy.zoom() > 1.15) {
      cy.zoom(1.15);
      cy.center();
    }
  }

  function rebuild(fitted = true) {
    joined();
    const nodes = visible();
    const count = nodes.filter((node) => node.classes !== "pane").length;
    cy.batch(() => {
      cy.elements().remove();
      cy.add(nodes);
      if (!crowded()) cy.add(state.joined);
      if (state.joined.length > DENSE) cy.edges().addClass("dense");
    });
    arrange();
    if (fitted) fit();
    light();
    const imports = data.edges.reduce((sum, edge) => sum + edge[2].length, 0);
    element("status").textContent = `${files.length.toLocaleString("en")} files, ${imports.toLocaleString("en")} imports; ${count.toLocaleString("en")} boxes shown`;
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
  const boxes = () => cy.nodes(".pane");

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
    cy.add(wanted.slice(0, EDGES_MOST).map(([, edge]) => edge)).forEach(bend);
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

  const evidence = (i) => proof(data.edges[i]);

  function proof([source, target, lines]) {
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

  function legend(box) {
    const list = make("dl", undefined, "legend");
    const rows = [
      ["A → B", "A imports B. The thicker, the more imports. A stands above B, as far as cycles and room allow."],
      ["folder/ 12", "a closed folder with its number of files; “files” are those beside its subfolders"],
      ["double frame", "a test"],
      ["dashed", "only a run decides whether it is imported"],
      ["red", "part of a cycle: files that import each other, directly or through others", "cycle"],
      ["blue", "used by what you clicked", "uses"],
      ["orange", "uses what you clicked", "used"],
      ["violet", "both", "both"],
    ];
    for (const [sign, words, name] of rows) list.append(make("dt", sign, name), make("dd", words));
    box.append(list);
  }

  function startPanel() {
    const box = section(data.title || "Dependencies");
    const lines = [
      `${files.length.toLocaleString("en")} files; ${data.edges.length.toLocaleString("en")} times one imports another.`,
      "Click a file or folder for what it uses and what uses it; double-click a folder to open or close it; click an edge for its evidence.",
      ...data.notes,
    ];
    for (const line of lines) box.append(make("p", line));
    legend(data.title ? section("How to read it") : box);
    if (data.changes.length) {
      const changed = section(`Changed files: ${data.changes.length}`, "cycle");
      changed.append(make("p", "Red border: changed. Orange: uses what changed. Dashed orange: imports it, also through others.", "pale"));
      listed(changed, data.changes, ([path, what]) =>
        entry(`${path} (${what})`, () => index.has(path) && choose(index.get(path), true)));
    }
    if (data.broken.length) {
      const broken = section(`Rules broken: ${data.broken.length}`, "cycle");
      listed(broken, data.broken, ([rule, edges]) => [
        entry(`${rule}: ${files[edges[0][0]]}`, () => choose(edges[0][0], true)),
        ...edges.map(proof),
      ]);
    }
    if (data.cycles.length) {
      const cycles = section(`Cycles: ${data.cycles.length}`, "cycle");
      const kinds = new Set(data.cycles.map((cycle) => cycle[2]));
      for (const kind of ["lazy or typing", "one package"]) {
        if (kinds.has(kind)) cycles.append(make("p", `${kind}: ${MILD[kind]}`, "pale"));
      }
      listed(cycles, data.cycles.map((cycle, i) => [cycle, i]), ([[members, , mild], i]) =>
        entry(`${members.length} files${mild && ` (${mild})`}: ${members.slice(0, 3).map((f) => brief(files[f])).join(", ")}${members.length > 3 ? ", …" : ""}`, () => chooseCycle(i)));
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
      box.append(entry(`in ${spoken(folder)}`, () => choose(folder, true)));
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
    const box = section(spoken(folder));
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
    const when = mild ? `${mild[0].toUpperCase()}${mild.slice(1)}: ${MILD[mild]}` : "It is met as they are loaded.";
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
    untouched = false;
    const node = () => cy.getElementById(`d${folder}`);
    const before = node().nonempty() ? { ...node().renderedPosition() } : null;
    if (state.open.has(folder)) state.open.delete(folder);
    else state.open.add(folder);
    rebuild(before === null);
    if (before) {
      // What was opened or closed stays under the pointer.
      const after = node().renderedPosition();
      cy.panBy({ x: before.x - after.x, y: before.y - after.y });
    }
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
    cy.on("mouseover", "node", (event) => {
      if (event.target.hasClass("pane")) return;
      const { file, folder } = event.target.data();
      element("graph").title = file === undefined ? spoken(folder) : files[file];
      event.target.connectedEdges().addClass("near");
    });
    cy.on("mouseout", "node", () => {
      element("graph").title = "";
      cy.edges(".near").removeClass("near");
    });
    cy.on("tap", "edge", (event) => edgePanel(event.target.data("edges")));
    cy.on("tap", (event) => event.target === cy && clear());
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
    cy.on("resize", () => untouched && fit());
    cy.on("dragpan scrollzoom pinchzoom dragfree", () => (untouched = false));
    press("fit", fit);
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
