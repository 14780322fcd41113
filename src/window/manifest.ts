/** The parts of package.json that the program reads. */
import type * as vscode from 'vscode';
import * as z from 'zod';

const manifest = z.object({
  version: z.string(),
  contributes: z.object({
    commands: z.array(z.object({ command: z.string() })),
    languageModelTools: z.array(z.object({ name: z.string() })),
  }),
});

export type Manifest = z.infer<typeof manifest>;

export function manifestOf({ extension }: Pick<vscode.ExtensionContext, 'extension'>): Manifest {
  return manifest.parse(extension.packageJSON);
}
