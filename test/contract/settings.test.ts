/** The settings of package.json are those of the contract: names, types, bounds, defaults, scopes, trust. */
import assert from 'node:assert/strict';
import * as z from 'zod';
import {
  SETTINGS,
  SETTINGS_SECTION,
  type SettingName,
  type SettingPower,
  type SettingScope,
  type SettingSpec,
} from '../../src/contract/settings';
import { readManifest } from '../support/manifest/manifest';

const manifest = readManifest();
const { properties } = manifest.contributes.configuration;
const names = Object.keys(SETTINGS) as SettingName[];

/** Texts for people, and what JSON schema can only say in another way. */
const BESIDE_THE_POINT = /^(description|markdown\w*|enumDescriptions|order|scope|pattern|propertyNames|\$schema)$/;

/** A schema without what is beside the point; the default of the whole is compared by itself. */
function essence(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(essence);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key]) => !BESIDE_THE_POINT.test(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, essence(value)]));
}

describe('the settings of package.json', () => {
  it('are exactly those of the contract, and few', () => {
    assert.deepEqual(Object.keys(properties).sort(), [...names].sort());
    assert.ok(names.length <= 42);
    for (const name of names) assert.match(name, new RegExp(`^${SETTINGS_SECTION}\\.[a-z]+\\.[a-zA-Z]+$`));
  });

  for (const name of names) {
    it(`describe ${name} as its schema does`, () => {
      const { default: fallback, ...declared } = properties[name] ?? assert.fail('not declared');
      assert.deepEqual(fallback, SETTINGS[name].fallback);
      assert.deepEqual(essence(declared), essence(z.toJSONSchema(SETTINGS[name].schema, { io: 'input' })));
      assert.equal(declared.scope, SETTINGS[name].scope);
    });

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
      const { power, scope }: SettingSpec<unknown> = SETTINGS[name];
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
    const restricted = names.filter((name) => SETTINGS[name].restricted);
    assert.deepEqual([...manifest.capabilities.untrustedWorkspaces.restrictedConfigurations].sort(), restricted.sort());
  });

  it('come in an order of their own', () => {
    const orders = names.map((name) => properties[name]?.order);
    assert.equal(new Set(orders).size, names.length);
  });
});
