/** The settings of the contract, and package.json's of them: defaults, scopes, trust. */
import assert from 'node:assert/strict';
import type * as z from 'zod';
import type { SettingPower, SettingScope } from '../../../src/contract/settings/model';
import { SETTINGS, SETTINGS_SECTION, type SettingName } from '../../../src/contract/settings/settings';
import { readManifest } from '../../support/manifest/manifest';

const manifest = readManifest();
const names = Object.keys(SETTINGS) as SettingName[];

describe('the settings of package.json', () => {
  it('have a noun and a name', () => {
    for (const name of names) assert.match(name, new RegExp(`^${SETTINGS_SECTION}\\.[a-z]+\\.[a-zA-Z]+$`));
  });

  for (const name of names) {
    it(`accept the default of ${name}`, () => {
      const schema: z.ZodType = SETTINGS[name].schema;
      assert.deepEqual(schema.parse(SETTINGS[name].fallback), SETTINGS[name].fallback);
    });
  }

  /** Which scopes a setting of each power may have. */
  const SCOPES: Readonly<Record<SettingPower, readonly SettingScope[]>> = {
    program: ['machine'],
    address: ['machine'],
    place: ['machine', 'machine-overridable'],
    agentKind: ['machine', 'machine-overridable'],
    commandLine: ['machine', 'machine-overridable'],
    template: ['machine', 'machine-overridable'],
    policy: ['machine', 'machine-overridable', 'window', 'resource'],
  };

  it('are of the machine where they name a program, an address, a place, a command line or a template', () => {
    for (const name of names) {
      const { power, scope } = SETTINGS[name];
      if (power !== undefined) assert.ok(SCOPES[power].includes(scope), `${name}: ${power} in scope ${scope}`);
    }
  });

  it('declare a power where their names or values say that they have one', () => {
    const NAMES =
      /(path|directory|address|command|program|prompt|checks|setup|kinds|env|storage|url|server|allow\w*)$/i;
    const isSwitch = (name: SettingName): boolean => typeof SETTINGS[name].fallback === 'boolean';
    const powerless = names.filter((name) => NAMES.test(name) && !isSwitch(name) && SETTINGS[name].power === undefined);
    assert.deepEqual(powerless, []);
    const text = 'https://127.0.0.1/x';
    const free = names.filter((name) => {
      const schema: z.ZodType = SETTINGS[name].schema;
      return SETTINGS[name].power === undefined && (schema.safeParse(text).success || schema.safeParse('/x').success);
    });
    assert.deepEqual(free, []);
  });

  it('are restricted in untrusted workspaces where they have a power', () => {
    const restricted = names.filter((name) => SETTINGS[name].power !== undefined);
    assert.deepEqual([...manifest.capabilities.untrustedWorkspaces.restrictedConfigurations].sort(), restricted.sort());
  });
});
