/** Titles of our commands, views and menus, by the keys of the manifest's texts: a test does not depend on their words. */
import assert from 'node:assert/strict';
import type manifest from '../../../package.nls.json';
import { readTitles } from '../../support/manifest/manifest';

type Key = keyof typeof manifest;
type View = Key extends infer K ? (K extends `view.${infer Name}.name` ? Name : never) : never;

const titles = readTitles();

/** As in menus and on buttons. `command`: without the name of the extension, such as `board.open`. */
export function titleOf(command: string): string {
  return titles[`command.${command}.title`] ?? assert.fail(`no command ${command}`);
}

/** As in the palette. */
export function inPalette(command: string): string {
  return `Intercore: ${titleOf(command)}`;
}

/** As in the header of the view. */
export function viewName(view: View): string {
  return inManifest(`view.${view}.name`);
}

/** Any other text of the manifest. */
export function inManifest(key: Key): string {
  return titles[key] ?? assert.fail(`no text ${key}`);
}
