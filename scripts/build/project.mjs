/** The project's folder and version, and whether what is built gets minified. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

export const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

export const production = process.argv.includes('--production');
