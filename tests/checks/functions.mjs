// A function fits on one screen: signature and body together have at most `limit` lines. A longer one does several
// things. Files have no limit, because a table or a family of small functions may be long and still one concept.
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { files, read, report } from './sources.mjs';

const limit = 60;
// Longer ones that stay, each with its reason.
const exceptions = {
  'src/config/config_errors_test.cc ConfigErrors, NamesKeyValueAndWhatIsAllowed': 'a table with a row for every setting',
};

/** @typedef {{name: string, line: number, lines: number}} Extent */

// The text with comments and the contents of literals replaced by blanks; lines and columns stay.
function without_literals(text) {
  const literal = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|R"([^(\s]*)\([\s\S]*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![\w])'(?:\\.|[^'\\\n])+'/g;
  return text.replace(literal, (found) => found.replace(/[^\n]/g, ' '));
}

// The functions of a C++ file. A brace at namespace or class level opens a scope, a value or a function body; everything
// inside a body belongs to that function, lambdas and local types too.
export function cpp_functions(text) {
  const code = without_literals(text).replace(/^[ \t]*#.*$/gm, (found) => ' '.repeat(found.length));
  const line_at = (offset) => code.slice(0, offset).split('\n').length;
  /** @type {Extent[]} */
  const found = [];
  let head = 0;
  for (let at = 0; at < code.length; at++) {
    if (code[at] === ';' || code[at] === '}') head = at + 1;
    if (code[at] !== '{') continue;
    const declaration = code.slice(head, at).replace(/\btemplate\s*<[^{]*?>\s*(?=class|struct|[\w:])/, ' ');
    if (/^\s*(?:(?:public|private|protected)\s*:\s*)*(?:namespace|class|struct|union|enum|extern)\b(?![^{]*\)\s*(?:const)?\s*$)/.test(declaration)) {
      head = at + 1;
      continue;
    }
    const end = closing_brace(code, at);
    const next = code.slice(end + 1).match(/\S/)?.[0];
    // A brace with a comma or another brace behind it is a member's initialiser: the body is still to come.
    const initialiser = /\)\s*(?:noexcept\s*)?:[^:]/.test(declaration) && (next === ',' || next === '{');
    if (!initialiser && /\)[^=]*$/.test(declaration) && !/(?:^|[^=!<>])=[^=]/.test(declaration.replace(/\([\s\S]*\)|operator\S+/g, ''))) {
      const start = head + declaration_start(code.slice(head, at));
      found.push({ name: name_of(declaration), line: line_at(start), lines: line_at(end) - line_at(start) + 1 });
    }
    if (!initialiser) head = end + 1;
    at = end;
  }
  return found;
}

function closing_brace(code, open) {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === '{') depth++;
    if (code[at] === '}' && --depth === 0) return at;
  }
  return code.length - 1;
}

const declaration_start = (text) => text.match(/^\s*(?:(?:public|private|protected)\s*:\s*)*/)[0].length;

// `Class::member`, or for a test "Suite, Name".
function name_of(declaration) {
  const [, name, parameters] = declaration.match(/([\w:~]+|operator\S+)\s*\(([\s\S]*)$/) ?? ['', 'function', ''];
  return /^TEST(_F|_P)?$/.test(name) ? parameters.replace(/\)\s*$/, '').replace(/\s+/g, ' ') : name;
}

// The functions of a JavaScript file, nested ones too.
export function js_functions(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const line_at = (offset) => source.getLineAndCharacterOfPosition(offset).line + 1;
  /** @type {Extent[]} */
  const found = [];
  const visit = (node) => {
    if (ts.isFunctionLike(node) && node.body) {
      const line = line_at(node.getStart(source));
      found.push({ name: node.name?.getText(source) ?? 'function', line, lines: line_at(node.end) - line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const cpp = ['src', 'benchmarks'].flatMap((folder) => files(folder, /\.(h|cc)$/))
    .map((path) => [path, cpp_functions(read(path))]);
  const js = ['web', 'tests/lib', 'tests/checks', 'benchmarks/lib'].flatMap((folder) => files(folder, /\.m?js$/))
    .map((path) => [path, js_functions(path, read(path))]);
  const functions = [...cpp, ...js].flatMap(([path, extents]) => extents.map((extent) => ({ path, ...extent })));
  if (process.argv[2] === '--list') for (const f of functions) console.log(f.lines, `${f.path}:${f.line}`, f.name);
  const long = functions.filter(({ lines }) => lines > limit);
  const problems = long.filter(({ path, name }) => !(`${path} ${name}` in exceptions))
    .map(({ path, name, line, lines }) => `${path}:${line}: ${name} has ${lines} lines, more than ${limit}`);
  for (const known of Object.keys(exceptions)) {
    if (!long.some(({ path, name }) => known === `${path} ${name}`)) problems.push(`${known}: fits now; remove it from the exceptions`);
  }
  report(problems, functions.length, 'functions');
}
