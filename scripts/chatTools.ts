/** Writes the tools of the editor's chat into package.json and their names into package.nls.json, from the contract. */
import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { CORE_OPERATIONS, SURFACES, chatToolNameOf, toolNameOf } from '../src/contract/surfaces/surfaces';
import { toolSchemaOf, toolTitleOf } from '../src/contract/surfaces/toolSchemas';
import type { OperationName } from '../src/contract/operations/api';
import { inProject } from '../test/support/vscode/project';

const titleKeyOf = (name: OperationName) => `tool.${name}.displayName`;

/** What `contributes.languageModelTools` has to be. */
export function chatTools(): readonly object[] {
  return CORE_OPERATIONS.map((name) => ({
    name: chatToolNameOf(name),
    displayName: `%${titleKeyOf(name)}%`,
    modelDescription: `Intercore: ${SURFACES[name].about}`,
    toolReferenceName: `intercore_${toolNameOf(name)}`,
    canBeReferencedInPrompt: true,
    inputSchema: toolSchemaOf(name),
  }));
}

/** What package.nls.json has to say of them. */
export function chatToolTitles(): Readonly<Record<string, string>> {
  return Object.fromEntries(CORE_OPERATIONS.map((name) => [titleKeyOf(name), toolTitleOf(name)]));
}

/** Only the part that is written is looked at: the order of all others stays. */
const manifest = z.custom<{ contributes: Record<string, unknown> }>(
  (value) => z.object({ contributes: z.object({}) }).safeParse(value).success,
);

export function writeChatTools(): void {
  const [file, titlesFile] = [inProject('package.json'), inProject('package.nls.json')];
  const whole = manifest.parse(JSON.parse(readFileSync(file, 'utf8')));
  whole.contributes['languageModelTools'] = chatTools();
  writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`);
  const titles = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(titlesFile, 'utf8')));
  const others = Object.entries(titles).filter(([key]) => !key.startsWith('tool.'));
  const at = others.findIndex(([key]) => key.startsWith('view.'));
  const all = [...others.slice(0, at), ...Object.entries(chatToolTitles()), ...others.slice(at)];
  writeFileSync(titlesFile, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
}
