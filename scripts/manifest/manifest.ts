/**
 * The parts of package.json and package.nls.json that follow from declarations. All other parts are written by hand, and
 * stay as they are and where they are.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { inProject } from '../../tools/project';
import { activationEvents } from './activation';
import { chatTools, chatToolTitles } from './chatTools';
import { commands, commandTitles, keybindings, palette } from './commands';
import { menus, submenuLabels, submenus } from './menus';
import { configuration, restrictedConfigurations, settingTexts } from './settings';
import { withFamily, type Texts } from './texts';

interface Manifest {
  readonly capabilities: { readonly untrustedWorkspaces: object };
  readonly contributes: { readonly menus: object };
}

/** Checked only: what a schema of objects returns has its keys in another order. */
const manifestShape = z.custom<Manifest>(
  (value) =>
    z
      .object({
        capabilities: z.object({ untrustedWorkspaces: z.object({}) }),
        contributes: z.object({ menus: z.object({}) }),
      })
      .safeParse(value).success,
);

const textsShape = z.record(z.string(), z.string());

const FILES = { manifest: inProject('package.json'), texts: inProject('package.nls.json') } as const;

export interface ManifestFiles {
  readonly manifest: string;
  readonly texts: string;
}

export const readManifestFiles = (): ManifestFiles => ({
  manifest: readFileSync(FILES.manifest, 'utf8'),
  texts: readFileSync(FILES.texts, 'utf8'),
});

/** Both files as they have to be. */
export function generatedManifest(files: ManifestFiles): ManifestFiles {
  const manifest = manifestShape.parse(JSON.parse(files.manifest));
  const { capabilities, contributes } = manifest;
  return {
    manifest: toJson({
      ...manifest,
      activationEvents: activationEvents(),
      capabilities: {
        ...capabilities,
        untrustedWorkspaces: {
          ...capabilities.untrustedWorkspaces,
          restrictedConfigurations: restrictedConfigurations(),
        },
      },
      contributes: {
        ...contributes,
        commands: commands(),
        menus: { ...contributes.menus, commandPalette: palette(), ...menus() },
        submenus: submenus(),
        keybindings: keybindings(),
        configuration: configuration(),
        languageModelTools: chatTools(),
      },
    }),
    texts: toJson(generatedTexts(textsShape.parse(JSON.parse(files.texts)))),
  };
}

function generatedTexts(texts: Texts): Texts {
  const families = {
    'command.': commandTitles(),
    'menu.': submenuLabels(),
    'setting.': settingTexts(),
    'tool.': chatToolTitles(),
  };
  return Object.entries(families).reduce((all, [prefix, family]) => withFamily(all, prefix, family), texts);
}

/** As the formatter wants it. */
const toJson = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

export function writeManifest(): void {
  const { manifest, texts } = generatedManifest(readManifestFiles());
  writeFileSync(FILES.manifest, manifest);
  writeFileSync(FILES.texts, texts);
}
