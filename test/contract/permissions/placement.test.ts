import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide } from '../../../src/contract/permissions/decide';
import type { PermissionRule } from '../../../src/contract/permissions/model';
import { placeOf, withRule } from '../../../src/contract/permissions/placement';
import { suggest, useOf, type SuggestedScope } from '../../../src/contract/permissions/suggest';
import { permission } from '../../support/dispatch/sessions';

const PROJECT = '/p';
const REQUEST = permission({ command: 'eslint test' });
const EDIT = permission({ tool: 'edit', paths: [{ path: '/w/src/a.ts', isInside: true, below: 'src/a.ts' }] });
const OLD_EDIT = permission({ tool: 'edit', paths: [{ path: '/w/src/a.ts', isInside: true }] });

const own: PermissionRule = { folder: PROJECT, tools: ['execute'], then: 'ask' };
const narrow: PermissionRule = { folder: PROJECT, command: 'eslint publish', then: 'ask' };
const ofAll: PermissionRule = { command: 'eslint *', then: 'ask' };
const denies: PermissionRule = { folder: PROJECT, command: 'eslint *', then: 'deny' };
const deniesOther: PermissionRule = { command: 'eslint publish', then: 'deny' };
const elsewhere: PermissionRule = { folder: '/other', then: 'deny' };
const allows: PermissionRule = { command: 'eslint *', then: 'allow' };
const lockFile: PermissionRule = { path: 'package-lock.json', then: 'deny' };
const source: PermissionRule = { folder: PROJECT, path: 'src/**', then: 'ask' };
const outside: PermissionRule = { folder: PROJECT, where: 'outside', then: 'deny' };

type Row = readonly [readonly PermissionRule[], SuggestedScope, string, request?: typeof REQUEST];

/** The rules of a person, what is suggested, and where it goes: last, before a rule, or nowhere because of a rule. */
const ROWS: readonly Row[] = [
  [[], 'command', 'last'],
  [[elsewhere], 'program', 'last'],
  [[deniesOther], 'command', 'last'],
  [[deniesOther], 'program', 'last'],
  [[allows, denies], 'program', 'last'],
  [[own], 'command', 'before 1'],
  [[own], 'program', 'before 1'],
  [[elsewhere, own], 'program', 'before 2'],
  [[own, own], 'program', 'before 1'],
  [[own, allows], 'program', 'before 1'],
  [[ofAll], 'command', 'none 1'],
  [[denies], 'command', 'none 1'],
  [[deniesOther, ofAll], 'command', 'none 2'],
  [[own, denies], 'command', 'none 2'],
  [[own, ofAll], 'command', 'none 2'],
  [[own, allows, denies], 'command', 'none 3'],
  [[own, deniesOther], 'command', 'before 1'],
  [[own, deniesOther], 'program', 'none 2'],
  [[own, narrow], 'command', 'before 1'],
  [[own, narrow], 'program', 'none 2'],
  [[narrow, own], 'program', 'before 2'],
  [[own, { command: 'eslint p*', then: 'deny' }], 'program', 'none 2'],
  [[own, { command: 'git *', then: 'deny' }], 'program', 'before 1'],
  [[own, { tools: ['edit'], then: 'deny' }], 'program', 'before 1'],
  [[own, { mcpTool: 'mcp__*', then: 'deny' }], 'program', 'none 2'],
  [[lockFile], 'inside', 'last', EDIT],
  [[source], 'inside', 'before 1', EDIT],
  [[source, outside], 'inside', 'before 1', EDIT],
  [[source, lockFile], 'inside', 'none 2', EDIT],
  [[lockFile], 'inside', 'none 1', OLD_EDIT],
  [[source], 'inside', 'before 1', OLD_EDIT],
];

describe('the place of a suggested rule', () => {
  for (const [rules, scope, expected, request = REQUEST] of ROWS) {
    it(`is "${expected}" for ${scope} among ${JSON.stringify(rules)}`, () => {
      const added = suggest(request, PROJECT).find((one) => one.scope === scope)?.rule;
      assert.ok(added !== undefined);
      const place = placeOf(rules, added, request);
      assert.equal(place.kind === 'last' ? 'last' : `${place.kind} ${place.number}`, expected);
      if (place.kind === 'none') return;
      const then = decide('askAll', withRule(rules, added, place), useOf(request, PROJECT));
      assert.equal(then.answer, 'allow');
    });
  }

  it('moves a rule that was added behind the one that decides, and adds none twice', () => {
    const added: PermissionRule = { folder: PROJECT, tools: ['execute'], command: 'eslint *', then: 'allow' };
    const place = placeOf([own, added], added, REQUEST);
    assert.ok(place.kind === 'before');
    assert.deepEqual(withRule([own, added], added, place), [added, own]);
    assert.deepEqual(withRule([added, own], added, { kind: 'last' }), [added, own]);
  });

  it('lets what denies, and what asks in all projects, decide as before about every command', () => {
    const command = fc.constantFrom('eslint test', 'eslint publish', 'eslint run x', 'eslint', 'git push', 'ls');
    const pattern = fc.constantFrom('eslint *', 'eslint p*', 'eslint publish', 'git *', '*', '* x');
    const rule = fc.record(
      {
        folder: fc.constantFrom(PROJECT, '/other'),
        command: pattern,
        then: fc.constantFrom<PermissionRule['then']>('allow', 'ask', 'deny'),
      },
      { requiredKeys: ['then'] },
    );
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 5 }), command, command, (rules, asked, other) => {
        const request = permission({ command: asked });
        const use = useOf(permission({ command: other }), PROJECT);
        const before = decide('askAll', rules, use);
        const decider = before.by.kind === 'rule' ? rules[before.by.number - 1] : undefined;
        const isStronger = decider?.then === 'deny' || (decider?.then === 'ask' && decider.folder === undefined);
        for (const { rule: added } of suggest(request, PROJECT)) {
          const place = placeOf(rules, added, request);
          if (place.kind === 'none') continue;
          const changed = withRule(rules, added, place);
          if (isStronger) assert.equal(decide('askAll', changed, use).answer, before.answer);
          if (other === asked) assert.equal(decide('askAll', changed, use).answer, 'allow');
        }
      }),
    );
  });
});
