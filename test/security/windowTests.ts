/** What must hold in a window that opens all hostile folders, trusted or not. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { IntercoreApi } from '../../src/contract/surfaces/api';
import { activateExtension, openFolder } from '../support/extension/window';
import { Canaries, CANARIES, SECRET } from './canaries';
import { CORPUS } from './corpus';

/** Longer than the relay, the adoption of dispatches and the first checks of Needs You take. */
const SETTLING_MS = 8_000;
const MAX_ANSWER_MS = 10_000;
const MAX_GROWTH_BYTES = 400 * 1_048_576;

export function testHostileWindow(): void {
  let api: IntercoreApi;
  let canaries: Canaries;
  const rssBefore = process.memoryUsage.rss();

  before(async function () {
    this.timeout(60_000);
    api = await activateExtension();
    canaries = await Canaries.at(path.join(path.dirname(openFolder()), CANARIES));
    await vscode.commands.executeCommand('workbench.view.extension.intercore');
    await delay(SETTLING_MS);
  });

  for (const { name, isRefused } of CORPUS) {
    it(`shows ${name} with one clear message, and soon`, async () => {
      const folder = openFolder(name);
      const startedAt = performance.now();
      const outcome = await api.runs.list({ folder }).then(
        ({ runs }) => runs.length,
        (error: unknown) => (error instanceof Error && 'code' in error ? error.code : String(error)),
      );
      if (isRefused) assert.match(String(outcome), /^DATABASE_(REFUSED|PATH)$/);
      else assert.ok(Number(outcome) > 0, String(outcome));
      assert.ok(performance.now() - startedAt < MAX_ANSWER_MS);
      await canaries.check();
    });
  }

  it('gives no log, prompt or verdict of another folder', async () => {
    for (const { name, isRefused } of CORPUS) {
      if (isRefused) continue;
      const shown = await api.dispatches.list({ folder: openFolder(name) });
      assert.ok(!JSON.stringify(shown).includes(SECRET));
    }
    const texts = vscode.workspace.textDocuments.map((document) => document.getText());
    assert.ok(!texts.some((text) => text.includes(SECRET)));
  });

  it('has started nothing, changed nothing outside, and signaled no process', async () => {
    await canaries.check();
  });

  it('has not grown without bounds', () => {
    assert.ok(process.memoryUsage.rss() - rssBefore < MAX_GROWTH_BYTES);
  });
}
