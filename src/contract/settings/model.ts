/** What a setting is, and what the editor shows of it. */
import type * as z from 'zod';

/**
 * `resource`: may differ from folder to folder. `machine-overridable`: names places or command lines of this machine, and
 * a trusted workspace or folder may have its own. `machine`: no workspace may set it, trusted or not.
 */
export type SettingScope = 'resource' | 'window' | 'machine' | 'machine-overridable';

/**
 * What the value of a setting decides that a repository must not: a `program` is started as it is; a `commandLine` or a
 * `template` belongs to the project and is used in trusted folders; an `agentKind` is started once its command line is
 * allowed; a `place` is where files go; an `address` gets the token; a `policy` weakens a limit or a gate.
 */
export type SettingPower = 'program' | 'commandLine' | 'template' | 'agentKind' | 'place' | 'address' | 'policy';

/** A value that does not fit the schema counts as the fallback. */
export interface SettingSpec<T> {
  readonly schema: z.ZodType<T>;
  readonly fallback: T;
  readonly scope: SettingScope;
  /** A setting with a power is ignored where only an untrusted workspace sets it. */
  readonly power: SettingPower | undefined;
}

export const setting = <T>(
  schema: z.ZodType<T>,
  fallback: NoInfer<T>,
  scope: SettingScope,
  power?: SettingPower,
): SettingSpec<T> => ({ schema, fallback, scope, power });

/** The descriptions of an object's fields, by name. */
export interface FieldTexts {
  readonly [field: string]: string | { readonly text: string; readonly fields: FieldTexts };
}

/** What the editor shows of a setting. `npm run docs` writes it; no program loads it. */
export interface SettingText {
  /** Markdown. */
  readonly text: string;
  /** Of an enumeration: what each value does, in Markdown. */
  readonly values?: Readonly<Record<string, string>>;
  /** Of an object, or a list of objects. */
  readonly fields?: FieldTexts;
  /** Of a text with a pattern: what a text that does not match has to be. */
  readonly patternText?: string;
}

/** A text for each of some settings. */
export type SettingTexts<S> = { readonly [K in keyof S]: SettingText };
