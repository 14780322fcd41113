/** The rows of Needs You: flat in one folder, under their folder in several, with what can be done in words. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  ATTENTION,
  type AttentionItem,
  type AttentionKind,
  type AttentionTarget,
} from '../../../src/contract/results/attention';
import { askOverride } from '../../../src/kernel/gate/service';
import { advanceRun } from '../../../src/kernel/run/advance';
import { createRun } from '../../../src/kernel/run/record/runs';
import { itemOf } from '../../../src/services/attention/items/item';
import { countWords, NeedsProjection } from '../../../src/views/projections/needs';
import { TreeState } from '../../../src/views/trees/treeState';
import { createDispatch } from '../../../src/kernel/dispatch/service';
import { observedSession } from '../../../src/services/attention/sessions/observedSession';
import { permission, QUESTION, sessionWith } from '../../support/dispatch/sessions';
import { attentionIn } from '../../support/views/attention';
import { openTestFolder, viewContextOf, type TestFolder } from '../../support/records/viewFixture';

describe('the Needs You view', () => {
  let alpha: TestFolder;
  let beta: TestFolder;

  beforeEach(async () => {
    [alpha, beta] = [await openTestFolder('/projects/alpha'), await openTestFolder('/projects/beta')];
  });

  const view = (...folders: readonly TestFolder[]): NeedsProjection =>
    new NeedsProjection(viewContextOf(...folders), () => folders.flatMap((folder) => attentionIn(folder)));
  const blocked = (folder: TestFolder, goal: string): string =>
    folder.write((u) => {
      const { id } = createRun(u, { projectDir: folder.folder, goal });
      advanceRun(u, id, { tier: 'hard' });
      return id;
    });

  it('is empty where nothing waits', () => {
    assert.deepEqual(view(alpha).roots(), []);
    assert.deepEqual(view(alpha, beta).roots(), []);
  });

  it('shows what the matter is and why, and carries what its command asks for', () => {
    const runId = blocked(alpha, 'Ship the importer\nin two steps');
    const [row] = view(alpha).roots();
    assert.equal(row?.label, 'Gate blocked · Ship the importer');
    const reason = 'brainstorm → brainstorm-reviewed: no artifacts found for phase "brainstorm"';
    assert.equal(row.description, reason);
    assert.equal(row.spoken, `Gate blocked · Ship the importer. ${reason}. Actions: Add Artifact…`);
    assert.equal(row.contextValue, 'intercore.need+artifact+writable');
    assert.ok(row.ref.kind === 'need' && row.ref.runId === runId && row.ref.folder === alpha.folder);
    assert.deepEqual(row.opens, { what: 'place', itemId: row.ref.itemId });
    const facts = new Map(view(alpha).tooltip(row.ref)?.facts);
    assert.deepEqual([facts.get('Needs you'), facts.get('Action')], ['Gate blocked', 'Add Artifact…']);
  });

  it('offers no change in a window that may make none', () => {
    blocked(alpha, 'Ship it');
    alpha.isTrusted = false;
    assert.equal(view(alpha).roots()[0]?.contextValue, 'intercore.need+artifact');
  });

  it('offers what the request of an agent can be answered with', () => {
    const { folder } = alpha;
    const { id } = alpha.write((u) => createDispatch(u, { agentType: 'acp', projectDir: folder, name: 'Reviewer' }));
    const file = `${folder}/src/a.ts`;
    const diffs = [{ path: file, oldText: null, newText: 'a', isCut: false }];
    const requests = [
      permission(),
      permission({ number: 2, tool: 'edit', paths: [{ path: file, isInside: true }], diffs }),
      permission({ number: 3, mayAllow: false }),
      { ...QUESTION, number: 4 },
    ];
    const sessions = new Map([[id, observedSession(sessionWith({ requests }), folder)]]);
    const needs = new NeedsProjection(viewContextOf(alpha), () => attentionIn(alpha, { seen: { sessions } }));
    assert.deepEqual(
      needs.roots().map(({ label, description, contextValue }) => [label, description, contextValue]),
      [
        ['`npm test` · Reviewer', 'Permission requested', 'intercore.need+allowRequest+denial+writable'],
        ['edit src/a.ts · Reviewer', 'Permission requested', 'intercore.need+allowRequest+denial+diff+writable'],
        ['`npm test` · Reviewer', 'Permission requested', 'intercore.need+denyRequest+denial+writable'],
        ['Which parser? · Reviewer', 'Question asked', 'intercore.need+answerQuestion+writable'],
      ],
    );
    const [{ ref, spoken } = assert.fail()] = needs.roots();
    assert.ok(ref.kind === 'need' && ref.dispatchId === id && ref.number === 1);
    assert.match(spoken, /^Permission requested · Reviewer\. `npm test`, requested by Scripted Agent\. Actions: /);
  });

  it('groups by folder where several are open, and leaves out those where all is well', () => {
    blocked(beta, 'One');
    blocked(beta, 'Two');
    const both = view(alpha, beta);
    const roots = both.roots();
    assert.deepEqual(
      roots.map(({ label, description }) => [label, description]),
      [['beta', '2']],
    );
    assert.deepEqual(
      roots.flatMap(({ ref }) => both.children(ref)).map(({ label }) => label),
      ['Gate blocked · One', 'Gate blocked · Two'],
    );
  });

  it('groups what is about portfolios before the folders', () => {
    blocked(beta, 'One');
    const about = { portfolioId: 'p1' };
    const item = itemOf('/projects', {
      kind: 'overrideAsked',
      title: 'Ship it',
      since: 1,
      action: 'portfolioOverride',
      facts: { actor: 'Ada', phase: 'a', reason: 'web can wait' },
      ids: about,
      place: { kind: 'portfolio', ...about },
    });
    const both = new NeedsProjection(viewContextOf(alpha, beta), () => [item, ...attentionIn(beta)]);
    const [portfolios, ...folders] = both.roots();
    assert.deepEqual([portfolios?.label, ...folders.map(({ label }) => label)], ['Portfolios', 'beta']);
    const [row] = both.children(portfolios?.ref ?? assert.fail());
    assert.deepEqual(
      { label: row?.label, contextValue: row?.contextValue },
      { label: 'Override requested · Ship it', contextValue: 'intercore.need+portfolioOverride' },
    );
    assert.ok(row?.ref.kind === 'need' && row.ref.portfolioId === 'p1');
  });

  it('redraws only the row that differs', () => {
    const id = blocked(alpha, 'One');
    blocked(alpha, 'Two');
    const tree = new TreeState(view(alpha));
    tree.showRoots();
    assert.deepEqual(tree.refresh(), []);
    alpha.write((u) => askOverride(u, id, { reason: 'read', actor: 'Ada' }));
    assert.equal(tree.refresh(), 'all', 'another thing waits, in another place');
    tree.showRoots();
    alpha.write((u) => askOverride(u, id, { reason: 'read twice', actor: 'Ada' }));
    const redrawn = tree.refresh();
    assert.ok(redrawn !== 'all' && redrawn.length === 1);
  });

  describe('has one number for what needs a person', () => {
    const PLACES: Readonly<Record<string, AttentionTarget>> = {
      'a folder': { kind: 'folder' },
      'a run': { kind: 'run', runId: 'r1' },
      'a portfolio': { kind: 'portfolio', portfolioId: 'p1' },
      'the portfolios': { kind: 'portfolios' },
    };
    const windows = {
      'no folder': () => [],
      'one folder': () => [alpha],
      'two folders': () => [alpha, beta],
      'two other folders': () => [alpha, gamma],
    };
    let gamma: TestFolder;

    beforeEach(async () => {
      gamma = await openTestFolder('/projects/gamma');
    });

    const isKind = (name: string): name is AttentionKind => name in ATTENTION;
    /** One item of each kind, in two folders. */
    const everyKind = (place: AttentionTarget): AttentionItem[] =>
      [alpha.folder, beta.folder].flatMap((folder) =>
        Object.keys(ATTENTION)
          .filter(isKind)
          .map((kind) => itemOf(folder, { kind, title: kind, since: null, action: 'output', place })),
      );

    for (const [where, place] of Object.entries(PLACES)) {
      for (const [name, open] of Object.entries(windows)) {
        it(`lists every item about ${where} in a window of ${name}`, () => {
          const items = everyKind(place);
          const shown = new NeedsProjection(viewContextOf(...open()), () => items);
          const rows = shown.roots().flatMap((row) => (row.ref.kind === 'need' ? [row] : shown.children(row.ref)));
          assert.deepEqual(
            rows.map(({ ref }) => (ref.kind === 'need' ? ref.itemId : ref.kind)).sort(),
            items.map(({ id }) => id).sort(),
          );
        });
      }
    }

    it('is the badge of no other view, since VS Code adds up those of a container', async () => {
      const files = await readdir('src', { recursive: true });
      const setting = [];
      for (const file of files.filter((name) => name.endsWith('.ts'))) {
        if (/\.badge\s*=/.test(await readFile(path.join('src', file), 'utf8'))) setting.push(file);
      }
      assert.deepEqual(setting, ['views/trees/needsTree.ts']);
    });
  });

  it('counts in words', () => {
    const context = viewContextOf(alpha);
    assert.deepEqual([countWords(context, 1), countWords(context, 3)], ['1 needs you', '3 need you']);
  });
});
