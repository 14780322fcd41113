/** What waits for a person: its words, its commands and its rows agree with the rest of the contract. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { ATTENTION, ATTENTION_ACTIONS, ATTENTION_OFFERS } from '../../../src/contract/results/attention';
import { COMMANDS } from '../../../src/contract/surfaces/commands';
import { ROW_FLAGS } from '../../../src/contract/views';
import { readManifest } from '../../support/manifest/manifest';
import { inProject } from '../../../tools/project';

describe('what waits for a person', () => {
  it('is acted on with commands that exist', () => {
    for (const { command } of Object.values(ATTENTION_ACTIONS)) assert.ok(command in COMMANDS, command);
  });

  it('has a row flag for every action, and an inline button that its menu offers', () => {
    const { 'view/item/context': items = [] } = readManifest().contributes.menus;
    const inline = items.filter(
      ({ when, group }) => group === 'inline@1' && when?.includes('view == intercore.needsYou'),
    );
    assert.deepEqual(
      [...ROW_FLAGS.need].sort(),
      [...Object.keys(ATTENTION_ACTIONS), ...ATTENTION_OFFERS, 'writable'].sort(),
    );
    for (const action of Object.keys(ATTENTION_ACTIONS)) {
      const offered = inline.filter(({ when }) => when?.includes(`\\+${action}\\b`));
      assert.equal(offered.length, 1, action);
    }
  });

  it('is found by something for each kind', () => {
    const folder = 'src/services/attention';
    const names = readdirSync(inProject(folder), { recursive: true, encoding: 'utf8' });
    const files = names.filter((name) => name.endsWith('.ts'));
    const found = files.map((name) => readFileSync(inProject(`${folder}/${name}`), 'utf8')).join('\n');
    const missing = Object.keys(ATTENTION).filter((kind) => !found.includes(`'${kind}'`));
    assert.deepEqual(missing, [], `nothing in ${folder} finds these`);
  });

  it('shows first what an agent requests, which a narrow row would cut off after other words', () => {
    for (const { reason } of [ATTENTION.permissionAsked, ATTENTION.questionAsked]) {
      assert.match(reason, /^\{(request|question)\}/);
    }
  });

  it('is described in one line without a full stop', () => {
    for (const { heading, reason } of Object.values(ATTENTION)) {
      assert.match(heading, /^[A-Z][^.\n]+$/);
      assert.doesNotMatch(reason, /\.$|\n/);
    }
  });
});
