/** The core operations as tools of the editor's chat. Those that change something ask the person first. */
import * as vscode from 'vscode';
import type { OperationName } from '../../contract/surfaces/api';
import { CORE_OPERATIONS, SURFACES, chatToolNameOf } from '../../contract/surfaces/surfaces';
import { encodeJson } from '../../kernel/text/deepJson';
import { isKernelError, KernelError } from '../../kernel/errors/errors';
import { runOperation } from '../../services/operations/api/api';
import type { OperationHost } from '../../services/operations/host';
import { literally } from '../../window/dialogs/present';
import type { FindTool } from '../shared/registration';

/** Who the record names for what a model does in the editor. */
const CALLER = 'vscode chat';

export function chatTools(host: OperationHost): FindTool {
  const own: OperationHost = { ...host, actor: () => CALLER, caller: () => ({ kind: 'model' }) };
  const tools = new Map(CORE_OPERATIONS.map((name) => [chatToolNameOf(name), chatTool(own, name)]));
  return (name) => tools.get(name) ?? notFound(name);
}

function notFound(name: string): never {
  throw new KernelError('NOT_FOUND', { what: 'tool', id: name });
}

function chatTool(host: OperationHost, name: OperationName): vscode.LanguageModelTool<object> {
  return {
    prepareInvocation: ({ input }) => ({
      invocationMessage: vscode.l10n.t('Intercore: {operation}', { operation: name }),
      ...(SURFACES[name].effect === 'read' ? {} : { confirmationMessages: question(name, input) }),
    }),
    invoke: async ({ input }) => {
      const text = await outcome(host, name, input);
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    },
  };
}

/** A refusal is an answer: its code and hint let a model continue. */
async function outcome(host: OperationHost, name: OperationName, input: object): Promise<string> {
  try {
    return JSON.stringify(await runOperation(host, name, input));
  } catch (error) {
    if (!isKernelError(error)) throw error;
    const { code, message, hint } = error;
    return JSON.stringify({ error: { code, message, hint } });
  }
}

/** The question shows the arguments unchanged, because a prompt injection may have chosen them. */
function question(name: OperationName, input: object): vscode.LanguageModelToolConfirmationMessages {
  const message = new vscode.MarkdownString();
  message.appendText(SURFACES[name].about);
  message.appendCodeblock(encodeJson(input, 2), 'json');
  return {
    title: literally(vscode.l10n.t('Allow the model to change the record with {operation}?', { operation: name })),
    message,
  };
}
