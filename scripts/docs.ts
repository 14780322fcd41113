/**
 * Writes what is generated: parts of package.json and package.nls.json, the tables of commands and settings between
 * markers in docs/reference.md, the table of agents in docs/sessions.md, and the base of l10n/.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { COMMANDS, type CommandId } from '../src/contract/surfaces/commands';
import { SETTINGS } from '../src/contract/settings/settings';
import { SETTING_TEXTS } from '../src/contract/settings/texts';
import { localizationBundle } from './localization';
import { kindTable, seenKinds } from './kinds/kindTraits';
import { writeManifest } from './manifest/manifest';
import { SETTING_NAMES } from './manifest/settings';
import { inProject } from '../tools/project';

const MARKERS = {
  commands: ['<!-- commands: generated -->', '<!-- /commands -->'],
  settings: ['<!-- settings: generated -->', '<!-- /settings -->'],
  agents: ['<!-- agents: generated -->', '<!-- /agents -->'],
} as const;

/** The reference with both tables renewed. Throws where a marker is missing. */
export function withTables(page: string): string {
  return between(between(page, MARKERS.commands, commandTable()), MARKERS.settings, settingTable());
}

/** docs/sessions.md with its table of agents renewed. */
export function withAgents(page: string): string {
  return between(page, MARKERS.agents, kindTable(seenKinds()));
}

function commandTable(): string {
  const rows = (Object.keys(COMMANDS) as CommandId[]).map((id) => {
    const fields = Object.keys(COMMANDS[id].args.shape);
    const given = fields.length === 0 ? '' : `\`${fields.join('`, `')}\``;
    return `| ${COMMANDS[id].title} | \`${id}\` | ${given} |`;
  });
  return ['| Command | Id | Arguments, all optional |', '|---|---|---|', ...rows].join('\n');
}

function settingTable(): string {
  const rows = SETTING_NAMES.map(
    (name) => `| \`${name}\` | \`${JSON.stringify(SETTINGS[name].fallback)}\` | ${SETTING_TEXTS[name].text} |`,
  );
  return ['| Setting | Default | Meaning |', '|---|---|---|', ...rows].join('\n');
}

function between(text: string, [start, end]: readonly [string, string], content: string): string {
  const from = text.indexOf(start);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`The page lacks ${start} or ${end}.`);
  return `${text.slice(0, from + start.length)}\n${content}\n${text.slice(to)}`;
}

if (require.main === module) {
  writeManifest();
  const file = inProject('docs/reference.md');
  writeFileSync(file, withTables(readFileSync(file, 'utf8')));
  const sessions = inProject('docs/sessions.md');
  writeFileSync(sessions, withAgents(readFileSync(sessions, 'utf8')));
  writeFileSync(inProject('l10n/bundle.l10n.json'), `${JSON.stringify(localizationBundle(), null, 2)}\n`);
}
