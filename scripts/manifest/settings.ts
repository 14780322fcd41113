/** The settings of package.json, and their texts, from src/contract/settings. */
import * as z from 'zod';
import type { FieldTexts, SettingText } from '../../src/contract/settings/model';
import { SETTINGS, type SettingName } from '../../src/contract/settings/settings';
import { SETTING_TEXTS } from '../../src/contract/settings/texts';
import type { Texts } from './texts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** In the order of the editor's list. */
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** What `contributes.configuration` has to be. */
export function configuration(): object {
  const properties = SETTING_NAMES.map((name, index) => [name, property(name, index + 1)] as const);
  return { title: 'Intercore', properties: Object.fromEntries(properties) };
}

/** Settings that only a trusted workspace may set. */
export function restrictedConfigurations(): readonly string[] {
  return SETTING_NAMES.filter((name) => SETTINGS[name].power !== undefined);
}

/** What package.nls.json has to say of settings. */
export function settingTexts(): Texts {
  return Object.fromEntries(
    SETTING_NAMES.flatMap((name): (readonly [string, string])[] => {
      const { text, values = {}, fields = {}, patternText } = textOf(name);
      return [
        [keyOf(name, 'description'), text] as const,
        ...Object.entries(values).map(([value, meaning]) => [keyOf(name, value), meaning] as const),
        ...fieldTexts(name, fields, []),
        ...(patternText === undefined ? [] : [[keyOf(name, 'pattern'), patternText] as const]),
      ];
    }),
  );
}

const textOf = (name: SettingName): SettingText => SETTING_TEXTS[name];

const keyOf = (name: SettingName, ...parts: readonly string[]): string =>
  ['setting', name.slice('intercore.'.length), ...parts].join('.');

const reference = (key: string): string => `%${key}%`;

function property(name: SettingName, order: number): object {
  const { fallback, scope } = SETTINGS[name];
  const { values, fields = {}, patternText } = textOf(name);
  const schema: JsonSchema = z.toJSONSchema(SETTINGS[name].schema, { io: 'input' });
  delete schema.$schema;
  const allowed = schema.enum ?? [];
  requireSame(`the values of ${name}`, allowed.map(String), Object.keys(values ?? {}));
  requireSame(`the pattern of ${name}`, pick(schema.pattern), pick(patternText && schema.pattern));
  return {
    ...withFields(name, schema, fields, []),
    ...(patternText === undefined ? {} : { patternErrorMessage: reference(keyOf(name, 'pattern')) }),
    default: fallback,
    scope,
    order,
    markdownDescription: reference(keyOf(name, 'description')),
    ...(values === undefined
      ? {}
      : { markdownEnumDescriptions: allowed.map((value) => reference(keyOf(name, String(value)))) }),
  };
}

/** A schema with a description for each field of the objects in it. Throws where one has none. */
function withFields(name: SettingName, schema: JsonSchema, texts: FieldTexts, path: readonly string[]): JsonSchema {
  const { items, additionalProperties, properties } = schema;
  if (properties !== undefined) requireSame(`the fields of ${name}`, Object.keys(properties), Object.keys(texts));
  const within = (part: JsonSchema): JsonSchema => withFields(name, part, texts, path);
  return {
    ...schema,
    ...(isSchema(items) ? { items: within(items) } : {}),
    ...(isSchema(additionalProperties) ? { additionalProperties: within(additionalProperties) } : {}),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([field, part]) => [
              field,
              fieldOf(name, part, texts[field], [...path, field]),
            ]),
          ),
        }),
  };
}

function fieldOf(
  name: SettingName,
  part: z.core.JSONSchema._JSONSchema,
  text: FieldTexts[string] | undefined,
  path: readonly string[],
): z.core.JSONSchema._JSONSchema {
  if (!isSchema(part)) return part;
  const fields = typeof text === 'object' ? text.fields : {};
  return { ...withFields(name, part, fields, path), description: reference(keyOf(name, ...path)) };
}

function fieldTexts(name: SettingName, fields: FieldTexts, path: readonly string[]): (readonly [string, string])[] {
  return Object.entries(fields).flatMap(([field, text]): (readonly [string, string])[] => {
    const key = keyOf(name, ...path, field);
    if (typeof text === 'string') return [[key, text]];
    return [[key, text.text], ...fieldTexts(name, text.fields, [...path, field])];
  });
}

const isSchema = (part: unknown): part is JsonSchema =>
  typeof part === 'object' && part !== null && !Array.isArray(part);

const pick = (text: string | undefined): string[] => (text === undefined ? [] : [text]);

function requireSame(what: string, needed: readonly string[], described: readonly string[]): void {
  const differing = [
    ...needed.filter((one) => !described.includes(one)),
    ...described.filter((one) => !needed.includes(one)),
  ];
  if (differing.length > 0)
    throw new Error(`src/contract/settings: ${what} and their texts differ: ${differing.join(', ')}`);
}
