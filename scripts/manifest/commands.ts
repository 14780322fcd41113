/** The commands of package.json, where the palette shows them, their keys and titles, from the declarations. */
import { COMMAND_ICONS } from '../../src/contract/menus/icons';
import {
  CATEGORY,
  COMMANDS,
  FOCUSED_KEYS,
  enablementOf,
  titleKey,
  type CommandId,
  type CommandSpec,
} from '../../src/contract/surfaces/commands';
import type { Texts } from './texts';
import { defined } from '../../src/kernel/defined';

const ALL = Object.entries(COMMANDS) as [CommandId, CommandSpec][];

/** What `contributes.commands` has to be. */
export function commands(): readonly object[] {
  return ALL.map(([command, spec]) => {
    const icon = COMMAND_ICONS[command];
    const enablement = enablementOf(spec);
    return {
      command,
      title: `%${titleKey(command)}%`,
      category: CATEGORY,
      ...(icon === undefined ? {} : { icon: `$(${icon})` }),
      ...defined({ enablement }),
    };
  });
}

/** What `contributes.menus.commandPalette` has to be: VS Code shows a command that is not in it. */
export function palette(): readonly object[] {
  const constant: Readonly<Record<string, string>> = { always: 'true', never: 'false' };
  return ALL.map(([command, spec]) => ({ command, when: constant[spec.palette] ?? spec.palette }));
}

/** What `contributes.keybindings` has to be. */
export function keybindings(): readonly object[] {
  return Object.entries(FOCUSED_KEYS).map(([command, { key, mac, view }]) => ({
    command,
    key,
    mac,
    when: `focusedView == ${view}`,
  }));
}

/** What package.nls.json has to say of commands. */
export function commandTitles(): Texts {
  return Object.fromEntries(ALL.map(([id, { title }]) => [titleKey(id), title]));
}
