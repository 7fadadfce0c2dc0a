// side-by-side.mjs FILE COUNT: the tests of one file of node:test, COUNT at a time.
import { describe } from 'node:test';
import { pathToFileURL } from 'node:url';

const [file, count] = process.argv.slice(2);
describe('side by side', { concurrency: Number(count) }, () => import(pathToFileURL(file)));
