/** The display language: with marked texts, every text of the extension has marks; in German, the main views are German. */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { databaseLocation } from '../../src/host/files/paths';
import { addProject } from '../../src/kernel/tasks/service';
import { demoFolders, seedDemo } from '../../src/services/demo/seed';
import { ProjectKernel } from '../../src/services/record/kernels';
import { stageExtension } from '../../tools/stagedExtension';
import { readTitles } from '../support/manifest/manifest';
import { testDeps } from '../support/projects';
import { addFailedWork } from '../support/tasks/failedWork';
import { ownTasks } from '../support/tasks/ownTasks';
import { build, planned } from '../support/tasks/taskRecord';
import { addPseudoLocale, marked, PSEUDO, unmarked } from './support/pseudoLocale';
import { withWorkbench } from './support/withWorkbench';
import { describeLong, itLong, itLongIf } from '../support/long';
import { partOf, said } from './support/said';

const WEB_GOAL = 'Show a parcel on a map';

/** What VS Code says around our texts. */
const EDITOR = [
  /Actions for|Use Alt\+F1 for accessibility help|\(Ctrl\+Alt\+N\)/g,
  /^(?:Collapse All|More Actions\.\.\.|Welcome|Progress|OK|Quick Tree|Toggle all checkboxes)$/,
  /^\d+ (?:Results?|Selected)$|Press 'Enter' to confirm your input or 'Escape' to cancel$/,
  /(?<=⟧ )(?:Section|actions|View)$/g,
  /^[a-z-]+, (?=⟦)/g,
  /^Focus on (?=⟦)|(?<=: )Focus on (?=⟦)/g,
];
/** The product, names, titles and phases of the record, addresses, times, numbers, and punctuation. */
const DATA = [
  /^(?:command|https):\S+$/,
  /(?:\w+ \d+, \d+, )?[\d:]+\s[AP]M/g,
  /\/[\w./-]+/g,
  /They wait and do not know|Find late parcels|Write the message|Send the message/g,
  /(?:Sort|Count|Weigh) the parcels/g,
  /\bIntercore\b/g,
  /Call the place of a parcel its location|Show a parcel on a map|Tell people when their parcel is late/g,
  /parcel-(?:api|web)/g,
  /\b(?:brainstorm(?:-reviewed)?|strategized|planned|executing|review|polish|done)\b/g,
  /[\d\s\p{P}\p{S}]/gu,
];
const without = (text: string, parts: readonly RegExp[]): string =>
  parts.reduce((rest, part) => rest.replace(part, ''), text);
/** What of a shown text is in no language file. */
const untranslated = (text: string): string => without(unmarked(without(text, EDITOR)), DATA);

interface PageNode {
  readonly nodeType: number;
  readonly textContent: string | null;
}
interface PageElement {
  readonly tagName: string;
  readonly childNodes: Iterable<PageNode>;
  checkVisibility(): boolean;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

/** Texts of an element and its parts, also those for screen readers and hovers. Runs in the page. */
function textsOf(root: PageElement): string[] {
  const found: string[] = [];
  for (const element of [root, ...root.querySelectorAll('*')]) {
    if (!element.checkVisibility() || /^(?:style|script|code)$/i.test(element.tagName)) continue;
    for (const node of element.childNodes) if (node.nodeType === 3) found.push(node.textContent ?? '');
    for (const name of ['aria-label', 'title', 'placeholder']) found.push(element.getAttribute(name) ?? '');
  }
  return found.map((text) => text.trim()).filter((text) => text !== '');
}

async function unmarkedIn(...places: readonly Locator[]): Promise<string[]> {
  const shown = (await Promise.all(places.map((place) => place.all()))).flat();
  const texts = shown.map((place) => place.evaluate<string[], unknown, PageElement>(textsOf, undefined));
  const found = (await Promise.all(texts)).flat();
  assert.ok(
    found.some((text) => text.includes('⟦')),
    'the texts of the extension are there',
  );
  return [...new Set(found.filter((text) => untranslated(text) !== ''))];
}

/** A task that is built in part, and work that failed. */
async function addTask(folder: string): Promise<void> {
  const kernel = new ProjectKernel(databaseLocation(folder), testDeps());
  await kernel.load();
  await kernel.write((u) => {
    addProject(u, { name: path.basename(folder), clonePath: folder, defaultBranch: 'main' });
    const { subtasks } = planned(u, {
      'Find late parcels': [],
      'Write the message': [],
      'Send the message': ['Write the message'],
    });
    build(u, subtasks['Find late parcels']?.id ?? assert.fail());
    addFailedWork(u, folder);
  });
  ownTasks(kernel);
  await kernel.dispose();
}

describeLong('a window in a language of marked texts', function () {
  this.timeout(180_000);
  let parent: string;
  const titles = readTitles();
  const title = (key: string): string => marked(titles[key] ?? assert.fail(key));
  const command = (key: string): string => `Intercore: ${title(`command.${key}.title`)}`;

  const workbench = withWorkbench(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-')));
    const { api, web } = demoFolders(parent);
    await seedDemo(demoFolders(parent));
    await addTask(api);
    const file = path.join(parent, 'demo.code-workspace');
    const folders = [api, web].map((folder) => ({ path: path.basename(folder) }));
    await writeFile(file, JSON.stringify({ folders, settings: { 'workbench.editor.enablePreview': false } }));
    const extension = await stageExtension(path.join(parent, 'extension'));
    await addPseudoLocale(extension);
    return { opens: { kind: 'workspace', path: file }, language: PSEUDO, extensions: [extension], width: 1500 };
  });
  after(() => rm(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  it('marks the views, their rows, and what they say while they are empty', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(420);
    await workbench().tree(title('view.runs.name')).row(WEB_GOAL).waitFor();
    const panes = workbench().page.locator('.part.sidebar .pane');
    assert.deepEqual(await unmarkedIn(panes), []);
  });

  it('marks the titles of all commands', async () => {
    const labels = await workbench().offeredCommands('Intercore');
    const ours = labels.filter((label) => label.includes('Intercore'));
    assert.ok(ours.length > 10);
    assert.deepEqual(
      ours.filter((label) => untranslated(label) !== ''),
      [],
    );
  });

  it('marks the status bar', async () => {
    const item = workbench().page.locator('.part.statusbar .statusbar-item[id*="intercore"]');
    await item.first().waitFor();
    assert.deepEqual(await unmarkedIn(item), []);
  });

  for (const [key, first, asksFolder, itThen] of [
    ['task.create', partOf('Create the task in {0}', 'Create the task in '), false, it],
    ['run.create', said('Create the run'), true, itLong],
  ] as const) {
    itThen(`marks the form of ${titles[`command.${key}.title`]}`, async () => {
      await workbench().runCommand(command(key));
      const { quickInput } = workbench();
      const { title: heading, input, rows } = quickInput;
      if (asksFolder) {
        await quickInput.waitFor(marked(said('Select a folder')));
        assert.deepEqual(await unmarkedIn(heading, input, rows), []);
        await quickInput.pick('parcel-api');
      }
      await quickInput.formRow(`⟦?${first}`).waitFor();
      assert.deepEqual(await unmarkedIn(heading, input, rows), []);
      await quickInput.cancel();
    });
  }

  // After the forms, which close when a page takes the focus.
  for (const [name, key, selector, answer] of [
    ['timeline', 'timeline.show', '#timeline .shape', new RegExp(WEB_GOAL)],
    ['board', 'board.open', '.card', 'parcel-api'],
    ['graph', 'portfolio.showGraph', '.node', undefined],
    ['doctor', 'doctor.run', 'article', undefined],
  ] as const) {
    itLongIf(name !== 'board')(`marks the ${name}`, async () => {
      await workbench().leavePage();
      await workbench().runCommand(command(key));
      if (answer !== undefined) await workbench().quickInput.pick(answer);
      const page = await workbench().webview(selector);
      assert.deepEqual(await unmarkedIn(page.locator('body')), []);
      // Else it might take the focus from the palette that the next one needs.
      if (key !== 'doctor.run') await page.waitForFunction('document.hasFocus()');
    });
  }
});

describeLong('a window in German', function () {
  this.timeout(180_000);
  const german = readTitles('de');
  const title = (key: string): string => german[key] ?? assert.fail(key);
  const workbench = withWorkbench({ language: 'de' });

  it('shows views, what they say while they are empty, and commands in German', async () => {
    await workbench().openContainer('Intercore');
    const runs = workbench().tree(title('view.runs.name'));
    await runs.welcome.getByText('noch keine Aufzeichnung').waitFor();
    // A command without a condition: a window learns a moment after its start that it is trusted.
    assert.ok(await workbench().offersCommand(`Intercore: ${title('command.gate.rules.title')}`));
  });

  it('says in German why an address is refused', async () => {
    await workbench().runCommand(`Intercore: ${title('command.project.addFromGitHub.title')}`);
    const { quickInput } = workbench();
    await quickInput.fill('https://gitlab.com/octo/parcels');
    await quickInput.waitForMessage(/Ungültiger Wert für url: gitlab\.com ist nicht github\.com\./);
    await quickInput.cancel();
  });
});
