/** The tools of the editor's chat in package.json, and their names, from the contract. */
import { CORE_OPERATIONS, SURFACES, chatToolNameOf, toolNameOf } from '../../src/contract/surfaces/surfaces';
import { toolSchemaOf, toolTitleOf } from '../../src/contract/surfaces/toolSchemas';
import type { OperationName } from '../../src/contract/surfaces/api';
import type { Texts } from './texts';

const titleKeyOf = (name: OperationName): string => `tool.${name}.displayName`;

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
export function chatToolTitles(): Texts {
  return Object.fromEntries(CORE_OPERATIONS.map((name) => [titleKeyOf(name), toolTitleOf(name)]));
}
