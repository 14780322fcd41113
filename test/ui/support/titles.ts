/** Titles of our commands, by the keys of the manifest's texts: a test does not depend on their words. */
import assert from 'node:assert/strict';
import { readTitles } from '../../support/manifest/manifest';

const titles = readTitles();

/** As in menus and on buttons. `command`: without the name of the extension, such as `board.open`. */
export function titleOf(command: string): string {
  return titles[`command.${command}.title`] ?? assert.fail(`no command ${command}`);
}

/** As in the palette. */
export function inPalette(command: string): string {
  return `Intercore: ${titleOf(command)}`;
}
