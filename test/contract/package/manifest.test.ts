/** package.json says what the contract says: commands, palette, menus, views, context keys, activation. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { withTables } from '../../../scripts/docs';
import { generatedManifest, readManifestFiles } from '../../../scripts/manifest/manifest';
import { BOARD_ACTIONS, CARD_KEY } from '../../../src/contract/pages/board';
import { BOARD_PANEL } from '../../../src/contract/pages/panels';
import { COMMANDS, type CommandId } from '../../../src/contract/surfaces/commands';
import {
  EMPTINESS,
  EMPTY_CONTEXT,
  NEED_EMPTINESS,
  PORTFOLIO_EMPTINESS,
  TASK_EMPTINESS,
} from '../../../src/contract/contextKeys';
import { ROW_FLAGS, VIEW_CONTAINER, VIEWS, type RowKind } from '../../../src/contract/views';
import { callOf } from '../../../src/views/board/boardActions';
import { readManifest, readManifestText, readTitles, type MenuItem } from '../../support/manifest/manifest';
import { termsOf, type Term } from '../../support/manifest/whenClause';
import { inProject } from '../../../tools/project';

const manifest = readManifest();
const titles = readTitles();
const { contributes } = manifest;
const ids = Object.keys(COMMANDS) as CommandId[];
const isCommand = (id: string): id is CommandId => id in COMMANDS;

/** Keys of when-clauses that VS Code itself provides. */
const EDITOR_KEYS = [
  'isWorkspaceTrusted',
  'workbenchState',
  'view',
  'viewItem',
  'focusedView',
  'resourceScheme',
  'explorerResourceIsFolder',
  'webviewId',
];

/** Why a view can be empty, by the context key that its welcomes ask. */
const REASONS: Readonly<Record<string, readonly string[]>> = {
  'intercore.emptiness': EMPTINESS,
  'intercore.portfolioEmptiness': PORTFOLIO_EMPTINESS.filter((reason) => reason !== 'nothing'),
  'intercore.taskEmptiness': TASK_EMPTINESS,
  'intercore.needEmptiness': NEED_EMPTINESS,
};
const OWN_REASONS: Readonly<Record<string, string>> = {
  [VIEWS.portfolio]: 'intercore.portfolioEmptiness',
  [VIEWS.needsYou]: 'intercore.needEmptiness',
  [VIEWS.tasks]: 'intercore.taskEmptiness',
};
const emptinessKey = (view: string): string => OWN_REASONS[view] ?? 'intercore.emptiness';

/** Every menu entry but the palette's, with the menu it is in. */
const menuItems = Object.entries(contributes.menus)
  .filter(([menu]) => menu !== 'commandPalette')
  .flatMap(([menu, items]) => items.map((item) => ({ menu, item })));

/** Every when-clause of the manifest. */
function allClauses(): string[] {
  const items: MenuItem[] = Object.values(contributes.menus).flat();
  return [
    ...items.map(({ when }) => when),
    ...contributes.commands.map(({ enablement }) => enablement),
    ...contributes.viewsWelcome.flatMap(({ when, enablement }) => [when, enablement]),
    ...contributes.keybindings.map(({ when }) => when),
  ].filter((clause) => clause !== undefined && clause !== 'true') as string[];
}

describe('the commands of package.json', () => {
  it('have a noun and a verb', () => {
    for (const id of ids) assert.match(id, /^intercore\.[a-z]+\.[a-zA-Z]+$/);
  });

  it('have titles in title case that start with a verb and do not repeat the category', () => {
    for (const id of ids) {
      const { title } = COMMANDS[id];
      assert.match(title, /^[A-Z][a-z]+( ([A-Z][a-z]+|GitHub|as|from|in|the|to|with))*…?$/, `${id}: ${title}`);
      assert.doesNotMatch(title, /^Intercore/);
    }
  });

  it('that change something are offered in trusted windows only', () => {
    for (const { menu, item } of menuItems) {
      const { command } = item;
      if (command === undefined || !isCommand(command) || !COMMANDS[command].changes) continue;
      const asks = termsOf(item.when ?? '').some(({ key, negated }) => key === 'isWorkspaceTrusted' && !negated);
      assert.ok(asks, `${command} in ${menu} does not ask for trust`);
    }
  });
});

describe('the menus of package.json', () => {
  it('name declared commands and submenus', () => {
    const submenus = new Set(contributes.submenus.map(({ id }) => id));
    for (const { menu, item } of menuItems) {
      if (item.command !== undefined) assert.ok(isCommand(item.command), `${menu}: ${item.command}`);
      else assert.ok(submenus.has(item.submenu ?? ''), `${menu}: ${item.submenu ?? 'neither command nor submenu'}`);
      assert.match(item.group ?? '', /^(inline|navigation|[1-9]_[a-z]+)@\d$/, `${menu}: ${item.group ?? ''}`);
    }
    for (const id of submenus) assert.ok((contributes.menus[id] ?? []).length > 0, `${id} is empty`);
  });

  it('ask only for keys, views and states that exist', () => {
    for (const clause of allClauses()) for (const term of termsOf(clause)) checkTerm(term, clause);
  });

  it('offer on each card of the board what its buttons do', () => {
    const items = (contributes.menus['webview/context'] ?? []).map(({ command, when = '' }) => `${command} ${when}`);
    const wanted = (['task', 'subtask'] as const).flatMap((kind) =>
      BOARD_ACTIONS.flatMap((action) => {
        const call = callOf('', { type: 'act', request: 1, action, target: { kind, id: '' } });
        const when = `webviewId == ${BOARD_PANEL} && ${CARD_KEY} =~ /^${kind}\\b.*\\+${action}\\+/`;
        return call === undefined ? [] : `${call.command} ${when}`;
      }),
    );
    const offered = items.map((item) => item.replace(' && isWorkspaceTrusted', ''));
    assert.deepEqual(offered.toSorted(), wanted.toSorted());
  });

  it('match rows by anchored patterns of known kinds and flags', () => {
    const asked = allClauses()
      .flatMap(termsOf)
      .filter(({ key }) => key === 'viewItem');
    assert.ok(asked.length > 20);
    for (const { operator, value } of asked) {
      assert.equal(operator, '=~');
      const kind = /^\/\^intercore\\\.(\w+)\\b/.exec(value ?? '')?.[1] ?? '';
      assert.ok(isRowKind(kind), value);
      const flags = [...(value ?? '').matchAll(/\\\+(\w+)\\b/g)].map((match) => match[1] ?? '');
      const known: readonly string[] = ROW_FLAGS[kind];
      for (const flag of flags) assert.ok(known.includes(flag), `${value ?? ''}: ${flag}`);
      assert.doesNotThrow(() => new RegExp((value ?? '').slice(1, -1)));
    }
  });

  it('offer at most two actions inline, and none that ends or undoes something', () => {
    const inline = menuItems.filter(({ item }) => item.group?.startsWith('inline'));
    const places = inline.map(
      ({ item }) => `${item.when?.replace(/\s*&& isWorkspaceTrusted/, '') ?? ''}|${item.group ?? ''}`,
    );
    assert.ok(inline.every(({ item }) => /^inline@[12]$/.test(item.group ?? '')));
    assert.equal(new Set(places).size, places.length);
    for (const { item } of inline) assert.doesNotMatch(item.command ?? '', /cancel|kill|rollback|restore/);
  });

  it('put what ends or undoes something last', () => {
    for (const { menu, item } of menuItems) {
      if (!/\.(cancel|kill|rollback|restoreBackup)$/.test(item.command ?? '')) continue;
      assert.match(item.group ?? '', /^9_danger@/, `${menu}: ${item.command ?? ''}`);
    }
  });

  it('show at most three icons in a view title', () => {
    for (const view of Object.values(VIEWS)) {
      const icons = menuItems.filter(({ menu, item }) => {
        return menu === 'view/title' && item.group?.startsWith('navigation') && item.when?.includes(`view == ${view}`);
      });
      assert.ok(icons.length <= 3);
    }
  });
});

describe('the views of package.json', () => {
  it('are those of the contract, in its container', () => {
    assert.deepEqual(Object.keys(contributes.views), [VIEW_CONTAINER]);
    assert.deepEqual(
      contributes.viewsContainers.activitybar.map(({ id }) => id),
      [VIEW_CONTAINER],
    );
    assert.deepEqual(contributes.views[VIEW_CONTAINER]?.map(({ id }) => id).sort(), Object.values(VIEWS).sort());
  });

  it('are hidden while they have nothing to show, but for the three that a person starts from', () => {
    const hidden = contributes.views[VIEW_CONTAINER]?.filter(({ when }) => when !== undefined).map(({ id }) => id);
    assert.deepEqual(hidden, [VIEWS.portfolio, VIEWS.dispatches]);
  });

  it('have a welcome for every reason to be shown empty', () => {
    for (const view of Object.values(VIEWS).filter((id) => id !== VIEWS.dispatches)) {
      const reasons = contributes.viewsWelcome
        .filter((entry) => entry.view === view)
        .flatMap(({ when }) => termsOf(when))
        .filter(({ key, operator }) => key === emptinessKey(view) && operator === '==')
        .map(({ value }) => value);
      assert.deepEqual(reasons, REASONS[emptinessKey(view)], view);
    }
  });

  it('link to commands that exist, in their welcomes', () => {
    const texts = contributes.viewsWelcome.map(({ contents }) => titles[contents.slice(1, -1)] ?? '');
    const links = texts.flatMap((text) => [...text.matchAll(/\(command:([^)?]+)/g)].map((match) => match[1] ?? ''));
    assert.ok(links.length > 0);
    for (const link of links) assert.ok(isCommand(link) || /^(vscode|workbench)\./.test(link), link);
  });
});

describe('package.json as a whole', () => {
  it('is what the generator writes, with its texts', () => {
    const files = readManifestFiles();
    const generated = generatedManifest(files);
    assert.ok(generated.manifest === files.manifest, 'package.json is stale: run npm run docs');
    assert.ok(generated.texts === files.texts, 'package.nls.json is stale: run npm run docs');
  });

  it('runs where the files are, and has few keywords', () => {
    assert.deepEqual(manifest.extensionKind, ['workspace']);
    assert.ok(manifest.keywords.length <= 30);
  });

  it('uses every translated text, and has a translation for every text it uses', () => {
    const used = [...readManifestText().matchAll(/"%([^"%]+)%"/g)].map((match) => match[1] ?? '');
    assert.deepEqual([...new Set(used)].sort(), Object.keys(titles).sort());
  });

  it('names icons that exist', () => {
    const files = [manifest.icon, ...contributes.viewsContainers.activitybar.map(({ icon }) => icon)];
    for (const file of files) assert.ok(existsSync(inProject(file)), file);
  });

  it('agrees with the tables of the reference', () => {
    const page = readFileSync(inProject('docs/reference.md'), 'utf8');
    assert.equal(page, withTables(page), 'docs/reference.md is stale: run npm run docs');
  });
});

function checkTerm({ key, operator, value }: Term, clause: string): void {
  assert.ok(EDITOR_KEYS.includes(key) || key === CARD_KEY || key in EMPTY_CONTEXT, `${key} in "${clause}"`);
  if (key === 'view' || key === 'focusedView') {
    assert.ok(operator === '==' && (Object.values(VIEWS) as string[]).includes(value ?? ''), clause);
  }
  if (key in REASONS) assert.ok(REASONS[key]?.includes(value ?? ''), clause);
}

function isRowKind(kind: string): kind is RowKind {
  return kind in ROW_FLAGS;
}
