/** The parts of package.json and package.nls.json that the contract tests check. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { inProject } from '../../../tools/project';

const menuItem = z.object({
  command: z.string().optional(),
  submenu: z.string().optional(),
  when: z.string().optional(),
  group: z.string().optional(),
});
export type MenuItem = z.infer<typeof menuItem>;

const manifestShape = z.object({
  publisher: z.string(),
  name: z.string(),
  activationEvents: z.array(z.string()),
  extensionKind: z.array(z.string()),
  keywords: z.array(z.string()),
  l10n: z.string(),
  icon: z.string(),
  capabilities: z.object({
    untrustedWorkspaces: z.object({ supported: z.literal('limited'), restrictedConfigurations: z.array(z.string()) }),
    virtualWorkspaces: z.object({ supported: z.literal(false) }),
  }),
  contributes: z.object({
    commands: z.array(
      z.strictObject({
        command: z.string(),
        title: z.string(),
        category: z.string(),
        icon: z.string().optional(),
        enablement: z.string().optional(),
      }),
    ),
    menus: z.record(z.string(), z.array(menuItem)),
    submenus: z.array(z.strictObject({ id: z.string(), label: z.string() })),
    keybindings: z.array(z.strictObject({ command: z.string(), key: z.string(), mac: z.string(), when: z.string() })),
    viewsContainers: z.strictObject({
      activitybar: z.array(z.strictObject({ id: z.string(), title: z.string(), icon: z.string() })),
    }),
    views: z.record(
      z.string(),
      z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          icon: z.string(),
          contextualTitle: z.string(),
          accessibilityHelpContent: z.string(),
          when: z.string().optional(),
        }),
      ),
    ),
    viewsWelcome: z.array(
      z.strictObject({ view: z.string(), contents: z.string(), when: z.string(), enablement: z.string().optional() }),
    ),
    configuration: z.strictObject({
      title: z.string(),
      properties: z.record(z.string(), z.looseObject({ scope: z.string(), order: z.int(), default: z.unknown() })),
    }),
  }),
});
export type Manifest = z.infer<typeof manifestShape>;

const readJson = (name: string): unknown => JSON.parse(readFileSync(inProject(name), 'utf8'));

/** Throws, naming the place, where package.json has not the shape we rely on. */
export const readManifest = (): Manifest => manifestShape.parse(readJson('package.json'));

export const readManifestText = (): string => readFileSync(inProject('package.json'), 'utf8');

export const readTitles = (language?: 'de'): Record<string, string> =>
  z.record(z.string(), z.string()).parse(readJson(`package.nls${language === undefined ? '' : `.${language}`}.json`));
