// Ground truth for JavaScript and TypeScript, made by the TypeScript compiler.
//
//   npm install typescript@5
//   node truth_scripts.mjs ROOT OUT.json
//
// File edges: every import, export-from, import type, `import x = require()`, literal `import()`
// and, in JavaScript, literal `require()` and the imports of types in its comments (`@import`,
// `{import("./x").X}`), resolved by ts.resolveModuleName under the nearest
// tsconfig.json or jsconfig.json of the importing file. Lines are those of the statement, or of the
// call. `/// <reference>` comments, module augmentations, paths in other strings and `require()` in
// TypeScript are true, but not required.
//
// Calls: calls, `new`, `super()`, tagged templates, decorators and JSX elements whose called name
// the checker leads to a declaration in another file of the set. A name taken out of an object by a
// pattern, or by its own file's constant of no declared type (`const run = engine.run`), stands for
// the object's member, and a member that only passes a name on (`{ run }`, `{ run: engine.run }`)
// for that name. `name` is the name that it is declared under, `default` for a nameless module.
// Calls of members of values whose type the checker does not know (`any`) are listed as `unjudged`.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "x.js"));
const ts = require("typescript");

const root = fs.realpathSync(process.argv[2]);
const out = process.argv[3];
const SUFFIXES = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];

function* walk(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isSymbolicLink() || entry.name === ".git" || entry.name === "node_modules") continue;
    if (entry.isDirectory()) yield* walk(full);
    else if (SUFFIXES.some((suffix) => entry.name.endsWith(suffix))) yield full;
  }
}

const files = [...walk(root)].sort();
const known = new Set(files);
const relative = (file) => path.relative(root, file).split(path.sep).join("/");

const base = {
  allowJs: true,
  checkJs: false,
  resolveJsonModule: true,
  noEmit: true,
  skipLibCheck: true,
  experimentalDecorators: true,
  jsx: ts.JsxEmit.Preserve,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
};

const configs = new Map();
function optionsFor(file) {
  let folder = path.dirname(file);
  for (;;) {
    for (const name of ["tsconfig.json", "jsconfig.json"]) {
      const candidate = path.join(folder, name);
      if (fs.existsSync(candidate)) {
        if (!configs.has(candidate)) {
          const read = ts.readConfigFile(candidate, ts.sys.readFile);
          const parsed = ts.parseJsonConfigFileContent(read.config ?? {}, ts.sys, folder);
          configs.set(candidate, { ...base, ...parsed.options, allowJs: true, noEmit: true });
        }
        return configs.get(candidate);
      }
    }
    if (folder === root || folder.length <= root.length) return base;
    folder = path.dirname(folder);
  }
}

const edges = new Map();
const unresolved = [];
function addFile(source, target, line, kind, required) {
  const key = `${source}\0${target}`;
  const edge = edges.get(key) ?? { source, target, lines: [], kind, required: false };
  if (required) edge.required = true;
  if (!edge.lines.includes(line)) edge.lines.push(line);
  edges.set(key, edge);
}

const host = ts.createCompilerHost(base);
function resolveName(text, file) {
  const options = optionsFor(file);
  const found = ts.resolveModuleName(text, file, options, host).resolvedModule;
  if (!found) return null;
  return fs.existsSync(found.resolvedFileName) ? fs.realpathSync(found.resolvedFileName) : null;
}

function imports(file, source) {
  const isScript = /\.[cm]?jsx?$/.test(file);
  const lineOf = (node) => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
  const add = (text, node, kind, required = true) => {
    const target = resolveName(text, file);
    if (target && known.has(target)) addFile(relative(file), relative(target), lineOf(node), kind, required);
    else if (/^\.\.?(\/|$)/.test(text)) unresolved.push([relative(file), text, lineOf(node)]);
  };
  const literal = (node) => node && ts.isStringLiteralLike(node);
  const visit = (node) => {
    if (ts.isJSDocImportTag?.(node) && literal(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, node, "type");
    } else if (ts.isImportDeclaration(node) && literal(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, node, node.importClause?.isTypeOnly ? "type" : "import");
    } else if (ts.isExportDeclaration(node) && literal(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, node, "reexport");
    } else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      if (literal(node.moduleReference.expression)) add(node.moduleReference.expression.text, node, "require");
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      if (literal(node.argument.literal)) add(node.argument.literal.text, node, "type");
    } else if (ts.isModuleDeclaration(node) && ts.isStringLiteral(node.name)) {
      add(node.name.text, node, "~augment", false);
    } else if (ts.isCallExpression(node) && literal(node.arguments[0])) {
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0].text, node, "dynamic");
      else if (ts.isIdentifier(node.expression) && node.expression.text === "require")
        add(node.arguments[0].text, node, "require", isScript);
      else if (node.arguments[0].text.startsWith(".")) add(node.arguments[0].text, node, "~string", false);
    } else if (ts.isNewExpression(node) && literal(node.arguments?.[0])) {
      if (node.arguments[0].text.startsWith(".")) add(node.arguments[0].text, node, "~url", false);
    }
    if (isScript) for (const comment of node.jsDoc ?? []) visit(comment);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  for (const each of source.referencedFiles) {
    const target = path.resolve(path.dirname(file), each.fileName);
    if (known.has(target)) addFile(relative(file), relative(target), source.getLineAndCharacterOfPosition(each.pos).line + 1, "~reference", false);
  }
}

const calls = new Map();
const unjudged = new Map();
function symbolsOf(program) {
  const checker = program.getTypeChecker();
  for (const file of files) {
    const source = program.getSourceFile(file);
    if (!source) continue;
    const visit = (node) => {
      let callee = null;
      if (ts.isCallExpression(node) || ts.isNewExpression(node)) callee = node.expression;
      else if (ts.isTaggedTemplateExpression(node)) callee = node.tag;
      else if (ts.isDecorator(node) && !ts.isCallExpression(node.expression)) callee = node.expression;
      else if (ts.isJsxOpeningElement(node) || ts.isJsxSelfClosingElement(node)) callee = node.tagName;
      if (callee) {
        called(checker, source, callee);
        unknown(checker, source, callee);
      }
      ts.forEachChild(node, visit);
    };
    ts.forEachChild(source, visit);
  }
}

function called(checker, source, callee) {
  while (ts.isParenthesizedExpression(callee) || ts.isNonNullExpression(callee)) callee = callee.expression;
  let name = callee;
  if (ts.isPropertyAccessExpression(callee)) name = callee.name;
  else if (ts.isElementAccessExpression(callee) && ts.isStringLiteralLike(callee.argumentExpression)) name = callee.argumentExpression;
  else if (callee.kind === ts.SyntaxKind.SuperKeyword) {
    let klass = callee;
    while (klass && !ts.isClassLike(klass)) klass = klass.parent;
    const base = klass && ts.getEffectiveBaseTypeNode?.(klass);
    const extended = base ?? klass?.heritageClauses?.find((each) => each.token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
    if (!extended) return;
    name = extended.expression;
    if (ts.isPropertyAccessExpression(name)) name = name.name;
    if (!ts.isIdentifier(name)) return;
  }
  else if (ts.isCallExpression(callee) && ts.isIdentifier(callee.expression) && callee.expression.text === "require") {
    // `require("./x")()` calls what the module is, under the name that it has at home.
    const found = checker.getTypeAtLocation(callee).symbol?.valueDeclaration;
    const target = found?.getSourceFile().fileName;
    const text = found?.name?.text ?? "default";
    if (found && known.has(target) && target !== source.fileName) {
      const line = source.getLineAndCharacterOfPosition(callee.getStart(source)).line + 1;
      addCall(source, target, line, text);
    }
    return;
  } else if (!ts.isIdentifier(callee)) return;
  if (callee.kind === ts.SyntaxKind.ImportKeyword || name.text === "require") return;
  let symbol = checker.getSymbolAtLocation(name);
  if (!symbol) return;
  for (let step = 0; step < 20 && symbol.flags & ts.SymbolFlags.Alias; step++) symbol = checker.getAliasedSymbol(symbol);
  // `const { run } = engine; run()` calls the engine's `run`.
  for (let step = 0; step < 5; step++) {
    const held = passedOn(checker, source, symbol.valueDeclaration);
    if (!held?.declarations?.length) break;
    symbol = held;
    for (let more = 0; more < 20 && symbol.flags & ts.SymbolFlags.Alias; more++) symbol = checker.getAliasedSymbol(symbol);
  }
  const declared = [symbol.valueDeclaration, ...(symbol.declarations ?? [])].filter(Boolean);
  const targets = [...new Set(declared.map((each) => each.getSourceFile().fileName).map((each) => (fs.existsSync(each) ? fs.realpathSync(each) : each)))];
  if (!targets.length || targets.includes(source.fileName) || !known.has(targets[0])) return;
  const line = source.getLineAndCharacterOfPosition(name.getStart(source)).line + 1;
  const declaredName = declared[0].name?.text ?? symbol.name;
  const whole = ts.isBinaryExpression(declared[0]) ? declared[0].right : declared[0];
  const shown = symbol.name === "export=" ? (whole.name?.text ?? "default") : symbol.name.startsWith("__") ? name.text : declaredName;
  addCall(source, targets[0], line, shown);
}

// A member of a value whose type the checker does not know (`any`): it can say nothing of the call.
function unknown(checker, source, callee) {
  while (ts.isParenthesizedExpression(callee) || ts.isNonNullExpression(callee)) callee = callee.expression;
  if (!ts.isPropertyAccessExpression(callee)) return;
  if (!(checker.getTypeAtLocation(callee.expression).flags & ts.TypeFlags.Any)) return;
  if (checker.getSymbolAtLocation(callee.name)) return;
  const line = source.getLineAndCharacterOfPosition(callee.name.getStart(source)).line + 1;
  const place = { source: relative(source.fileName), line, name: callee.name.text };
  unjudged.set(JSON.stringify(place), place);
}

function passedOn(checker, source, element) {
  if (!element) return null;
  if (ts.isBindingElement(element) && ts.isObjectBindingPattern(element.parent)) {
    const key = element.propertyName ?? element.name;
    return ts.isIdentifier(key) && checker.getTypeAtLocation(element.parent).getProperty(key.text);
  }
  if (ts.isPropertyAssignment(element) && ts.isIdentifier(element.name)) {
    const value = element.initializer;
    const name = ts.isPropertyAccessExpression(value) ? value.name : value;
    return ts.isIdentifier(name) && name.text === element.name.text && checker.getSymbolAtLocation(name);
  }
  if (ts.isShorthandPropertyAssignment(element)) return checker.getShorthandAssignmentValueSymbol(element);
  if (ts.isVariableDeclaration(element) && !element.type && element.initializer) {
    const constant = element.getSourceFile() === source && ts.getCombinedNodeFlags(element) & ts.NodeFlags.Const;
    const value = element.initializer;
    if (constant && ts.isPropertyAccessExpression(value)) return checker.getSymbolAtLocation(value.name);
    if (constant && ts.isIdentifier(value)) return checker.getSymbolAtLocation(value);
  }
  return null;
}

function addCall(source, target, line, name) {
  const call = { source: relative(source.fileName), target: relative(target), line, name };
  calls.set(JSON.stringify(call), call);
}

for (const file of files) {
  const text = fs.readFileSync(file, "utf8");
  imports(file, ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true));
}
// One program for each configuration, so that aliases hold for calls as well.
const groups = new Map();
for (const file of files) {
  const options = optionsFor(file);
  groups.set(options, [...(groups.get(options) ?? []), file]);
}
const all = [...files];
for (const [options, group] of groups) {
  const program = ts.createProgram(group, { ...options, composite: false, incremental: false, noEmit: true });
  files.length = 0;
  files.push(...group);
  symbolsOf(program);
}
fs.writeFileSync(
  out,
  JSON.stringify({
    language: "js/ts",
    method: `typescript ${ts.version}: resolveModuleName, checker symbols`,
    files: all.map(relative),
    unresolved_local: unresolved,
    edges: [...edges.values()],
    calls: [...calls.values()],
    unjudged: [...unjudged.values()],
  }),
);
console.log(`${all.length} files, ${edges.size} edges, ${calls.size} calls`);
