/** The palette: it offers what can work here and nothing else, and checking it leaves no trace. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { COMMANDS, titleKey, type CommandId } from '../../src/contract/surfaces/commands';
import { readTitles } from '../support/manifest/manifest';
import { withWorkbench } from './support/withWorkbench';
import type { Workbench } from './support/workbench';
import { describeLong } from '../support/long';
import { said } from './support/said';
import { viewName } from './support/titles';

const titles = readTitles();
const titleOf = (id: CommandId): string => `Intercore: ${titles[titleKey(id)] ?? id}`;
const ALWAYS: readonly CommandId[] = [
  'intercore.agent.addKind',
  'intercore.attention.show',
  'intercore.demo.open',
  'intercore.demo.remove',
  'intercore.doctor.fix',
  'intercore.doctor.run',
  'intercore.gate.rules',
  'intercore.log.show',
  'intercore.github.signIn',
  'intercore.project.addFromGitHub',
  'intercore.settings.open',
  'intercore.walkthrough.open',
];

/** All commands of ours that the palette shows: few enough here to be in sight at once. */
async function offered(workbench: Workbench): Promise<string[]> {
  const labels = await workbench.offeredCommands('Intercore: ');
  const ours = new Set((Object.keys(COMMANDS) as CommandId[]).map(titleOf));
  return labels.filter((label) => ours.has(label)).sort();
}

/** The same once `command` is among them: a window learns a moment after its start that it is trusted. */
async function offeredOnceTrusted(workbench: Workbench, command: CommandId): Promise<string[]> {
  let labels = await offered(workbench);
  for (let looks = 1; looks < 10 && !labels.includes(titleOf(command)); looks += 1) labels = await offered(workbench);
  return labels;
}

/** Opens the list of gate rules and leaves it with Esc. */
async function leaveRules(workbench: Workbench): Promise<void> {
  await workbench.runCommand(titleOf('intercore.gate.rules'));
  await workbench.quickInput.waitFor(said('Conditions of each phase change'));
  await workbench.quickInput.cancel();
}

describeLong('the palette of a window without a folder', function () {
  this.timeout(180_000);
  const workbench = withWorkbench({ opens: 'empty' });

  it('offers only what needs no folder', async () => {
    // Once the icon is there, the commands are known.
    await workbench().container('Intercore').waitFor();
    assert.deepEqual(await offeredOnceTrusted(workbench(), 'intercore.github.signIn'), ALWAYS.map(titleOf).sort());
  });

  it('says in the view how to get started', async () => {
    await workbench().openContainer('Intercore');
    await workbench().tree(viewName('runs')).welcome.getByText('Open a folder on disk to get started').waitFor();
    await workbench().screenshot('palette-empty');
  });

  it('does what it offers, without a message', async () => {
    await leaveRules(workbench());
    await workbench().runCommand(titleOf('intercore.settings.open'));
    await workbench()
      .editorTab(/Settings/)
      .waitFor();
    await workbench().page.locator('.settings-editor').getByText(said('Tier')).first().waitFor();
    await workbench().runCommand(titleOf('intercore.log.show'));
    await workbench().page.locator('.part.panel').waitFor();
    assert.equal(await workbench().notification().count(), 0);
  });
});

describeLong('the palette of a folder without a record', function () {
  this.timeout(180_000);
  const workbench = withWorkbench({ opens: 'folder' });

  it('offers to make one, and otherwise what needs none', async () => {
    await workbench().openContainer('Intercore');
    await workbench().tree(viewName('runs')).welcome.getByText('This workspace has no record yet').waitFor();
    const labels = await offeredOnceTrusted(workbench(), 'intercore.database.initialize');
    const ofFolder: readonly CommandId[] = ['intercore.database.initialize', 'intercore.project.useFolder'];
    assert.deepEqual(labels, [...ALWAYS, ...ofFolder].map(titleOf).sort());
  });

  it('leaves no trace of Esc', async () => {
    const { opened } = workbench().session;
    assert.equal(opened.kind, 'folder');
    const before = await readdir(opened.path, { recursive: true });
    await leaveRules(workbench());
    assert.deepEqual(await readdir(opened.path, { recursive: true }), before);
    assert.equal(await workbench().notification().count(), 0);
  });
});
