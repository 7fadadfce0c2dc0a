// The plain English of comments, messages and documents: words that make a reader stop, and comments whose sentence
// begins with a pronoun instead of the thing it is about.
import { pathToFileURL } from 'node:url';
import { files, read, report } from './sources.mjs';

// They quote the words.
const quoting = ['tests/checks/words.mjs', 'tests/checks/checks.test.mjs'];

// Each word with its cure. Blanks stand for any white space, a line break of a comment included.
const words = [
  ['for ever', 'always, or until stopped'],
  ['in vain', 'without success'],
  ['(?:nobody|nobody\'s)', 'no viewer, no client'],
  ['(?:somebody|somebody\'s)', 'a viewer, a client, a person'],
  ['(?:whoever|whomever)', 'name the thing'],
  ['lest', 'so that ... not'],
  ['afresh', 'again'],
  ['meanwhile', 'while ..., until ...'],
  ['(?<!there )(?:is|are) no (?!longer|more|fewer|less|later|earlier)', 'is not a'],
  ['none of', 'not one of, or: name the thing'],
  ['it is looked', 'name who looks'],
].map(([text, cure]) => ({ pattern: new RegExp(`\\b${text.replaceAll(' ', '\\s+')}\\b`, 'gi'), cure }));

const comment_mark = /^[ \t]*(?:\/\/|\/?\*+|#(?!include|if|endif|else|define|!))[ \t]?/;
// A sentence about nothing yet named. A question may begin so.
const pronoun = /(?:^|[.!?:] +)((?:What|Which|Who|Whose|Whom|Whoever|Whatever)\b|One (?:that|who|which|is|was|has|may|can|must|goes|comes)\b)[^.!?]*(.?)/g;

// The paragraphs of full-line comments: joined text and the line each begins in.
function comments_of(text) {
  const found = [];
  text.split('\n').forEach((line, index) => {
    const mark = line.match(comment_mark)?.[0];
    if (mark === undefined) return;
    const last = found.at(-1);
    const words_of_line = line.slice(mark.length).replace(/\*\/\s*$/, '').trim();
    if (last && last.end === index - 1 && !words_of_line.startsWith('@')) {
      last.text += ` ${words_of_line}`;
      last.end = index;
    } else {
      found.push({ text: words_of_line, line: index + 1, end: index });
    }
  });
  return found;
}

// The problems of one file. Documents are text; in other files the pronoun rule is for comments.
export function problems_of(path, text) {
  // Line breaks with the comment marks behind them become blanks, so that a phrase may cross them; offsets stay.
  const joined = text.replace(/\n[ \t]*(?:\/\/|\*|#)?/g, (found) => ' '.repeat(found.length));
  const line_at = (offset) => text.slice(0, offset).split('\n').length;
  const problems = words.flatMap(({ pattern, cure }) => [...joined.matchAll(pattern)]
    .map((match) => `${path}:${line_at(match.index)}: "${match[0].replace(/\s+/g, ' ').trim()}": better ${cure}`));
  if (path.endsWith('.md')) return problems;
  for (const comment of comments_of(text)) {
    for (const [, begin, end] of comment.text.matchAll(pronoun)) {
      if (end !== '?') problems.push(`${path}:${comment.line}: a sentence begins with "${begin}": begin with the thing`);
    }
  }
  return problems;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const code = /\.(h|cc|cpp|js|mjs|css|html|md|sh|py|cmake)$|^CMakeLists\.txt$/;
  const single = ['README.md', 'CMakeLists.txt', 'run', 'test', 'bench'];
  const sources = [...single, ...['src', 'web', 'tests', 'benchmarks', 'cmake', 'scripts', 'docs'].flatMap((folder) => files(folder, code))]
    .filter((path) => !quoting.includes(path));
  report(sources.flatMap((path) => problems_of(path, read(path))), sources.length, 'files');
}
