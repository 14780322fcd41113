// Prints what the changelog says about a tag, for its release. Fails unless tag, package.json and changelog agree.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The section of a version, without its heading. Throws where the version is another one, or has no date yet.
 * @param {string} tag `v1.2.3` @param {string} version of package.json @param {string} changelog
 */
export function releaseNotes(tag, version, changelog) {
  if (tag !== `v${version}`) throw new Error(`The tag is ${tag}, and the version of package.json ${version}.`);
  const heading = /^## \[([^\]]+)\](?: - (\S+))?$/gm;
  const sections = [...changelog.matchAll(heading)];
  const at = sections.findIndex(([, name]) => name === version);
  if (at === -1) throw new Error(`CHANGELOG.md has no section for ${version}.`);
  const { 0: line, 2: date = '', index } = sections[at];
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new Error(`CHANGELOG.md has no date for ${version}.`);
  const notes = changelog.slice(index + line.length, sections[at + 1]?.index).replace(/^\[[^\]]+\]: .*$/gm, '');
  if (notes.trim() === '') throw new Error(`CHANGELOG.md says nothing about ${version}.`);
  return `${notes.trim()}\n`;
}

const read = (file) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const [, , tag = ''] = process.argv;
    process.stdout.write(releaseNotes(tag, JSON.parse(read('package.json')).version, read('CHANGELOG.md')));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
