import assert from 'node:assert/strict';
import { narrowed, PERMISSION_POLICIES, type PermissionPolicy } from '../../../src/kernel/dispatch/permissionPolicy';

describe('a stored permission policy', () => {
  /** What is in force, by the policy of the machine and the stored one. */
  const IN_FORCE: Readonly<Record<PermissionPolicy, Readonly<Record<PermissionPolicy, PermissionPolicy>>>> = {
    askAll: { askAll: 'askAll', denyAsked: 'askAll', freeInside: 'askAll', allowAll: 'askAll' },
    denyAsked: { askAll: 'askAll', denyAsked: 'denyAsked', freeInside: 'denyAsked', allowAll: 'denyAsked' },
    freeInside: { askAll: 'askAll', denyAsked: 'denyAsked', freeInside: 'freeInside', allowAll: 'freeInside' },
    allowAll: { askAll: 'askAll', denyAsked: 'denyAsked', freeInside: 'freeInside', allowAll: 'allowAll' },
  };

  for (const own of PERMISSION_POLICIES) {
    it(`never widens ${own}`, () => {
      assert.equal(narrowed(own), own);
      assert.equal(narrowed(own, null, undefined), own);
      for (const stored of PERMISSION_POLICIES) {
        assert.equal(narrowed(own, stored), IN_FORCE[own][stored], stored);
        for (const other of PERMISSION_POLICIES) {
          assert.equal(narrowed(own, stored, other), IN_FORCE[IN_FORCE[own][stored]][other], `${stored} ${other}`);
          assert.equal(narrowed(own, stored, other), narrowed(own, other, stored), `${stored} ${other}`);
        }
      }
    });
  }
});
