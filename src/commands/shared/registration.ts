/**
 * Registers the commands and the chat's tools that the manifest names. What does them is loaded when the first is called:
 * a window starts without.
 */
import * as vscode from 'vscode';
import type { Manifest } from '../../window/manifest';

/** Does the command of that id with what VS Code passes it. */
export type RunCommand = (id: string, given: readonly unknown[]) => Promise<unknown>;

/** Gives the tool of that name. */
export type FindTool = (name: string) => vscode.LanguageModelTool<object>;

export function registerCommands({ contributes }: Manifest, load: () => Promise<RunCommand>): vscode.Disposable {
  const loaded = once(load);
  const register = (id: string): vscode.Disposable =>
    vscode.commands.registerCommand(id, async (...given: unknown[]) => await (await loaded())(id, given));
  return vscode.Disposable.from(...contributes.commands.map(({ command }) => register(command)));
}

export function registerChatTools({ contributes }: Manifest, load: () => Promise<FindTool>): vscode.Disposable {
  const loaded = once(load);
  const register = (name: string): vscode.Disposable =>
    vscode.lm.registerTool<object>(name, {
      prepareInvocation: async (options, token) => (await loaded())(name).prepareInvocation?.(options, token),
      invoke: async (options, token) => (await loaded())(name).invoke(options, token),
    });
  return vscode.Disposable.from(...contributes.languageModelTools.map(({ name }) => register(name)));
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => (loading ??= load());
}
