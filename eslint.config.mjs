// Type-aware lint, with the layer fence of the architecture: imports point downwards only (CONTRIBUTING.md).
import textCuts from './scripts/textCuts.mjs';
import tseslint from 'typescript-eslint';

/** Starting processes is the business of a few files, see below. */
const STARTING = 'node:child_process';

/** @param {string[]} folders layers that may not be imported @param {string[]} packages modules that may not be */
const fence = (folders, packages = ['vscode', STARTING]) => ({
  'no-restricted-imports': [
    'error',
    {
      patterns: [
        ...folders.map((name) => ({
          // The contract has files that are named after layers (views.ts, commands.ts).
          group: [`**/${name}`, `**/${name}/**`, `!**/contract/**/${name}`, `!../operations/${name}`],
          message: `Imports point downwards only: this layer may not import ${name}.`,
        })),
        ...packages.map((name) => ({
          regex: `^${name}(/|$)`,
          message: `This layer may not import ${name}.`,
        })),
      ],
    },
  ],
});

const EDITOR_LAYERS = ['views', 'commands', 'window', 'extension'];

export default tseslint.config(
  { ignores: ['dist/**', 'out/**', 'node_modules/**', '.cache/**', '.tmp/**', 'media/**'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  },
  {
    files: ['**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      'no-restricted-globals': ['error', { name: 'setInterval', message: 'Use a timer with an owner.' }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/kernel/text/storableText.ts'],
    plugins: { text: textCuts },
    rules: { 'text/whole-characters': 'error' },
  },
  {
    files: ['src/kernel/**/*.ts'],
    rules: fence(
      ['contract', 'host', 'services', 'cli', ...EDITOR_LAYERS],
      ['vscode', 'node:', 'fs', 'path', 'os', 'child_process', 'crypto', 'simple-git'],
    ),
  },
  {
    files: ['src/contract/**/*.ts'],
    rules: fence(['host', 'services', 'cli', ...EDITOR_LAYERS], ['vscode', 'node:', 'sql.js', 'simple-git']),
  },
  {
    files: ['src/webview/**/*.{ts,tsx}'],
    rules: fence(['kernel', 'host', 'services', 'cli', ...EDITOR_LAYERS], ['vscode', 'node:']),
  },
  { files: ['src/host/**/*.ts'], rules: fence(['services', 'cli', ...EDITOR_LAYERS]) },
  // Trust is asked in the first one; `test/contract/processes.test.ts` gives the reasons for all three.
  {
    files: ['src/host/process/startProcess.ts', 'src/host/process/systemTools.ts', 'src/host/launcher/launcher.ts'],
    rules: fence(['services', 'cli', ...EDITOR_LAYERS], ['vscode']),
  },
  { files: ['src/services/**/*.ts'], rules: fence(['cli', ...EDITOR_LAYERS]) },
  { files: ['src/cli/**/*.ts'], rules: fence(EDITOR_LAYERS) },
  { files: ['src/views/**/*.ts'], rules: fence(['commands', 'window', 'cli', 'extension'], [STARTING]) },
  { files: ['src/window/**/*.ts'], rules: fence(['commands', 'views', 'cli', 'extension'], [STARTING]) },
  { files: ['src/commands/**/*.ts'], rules: fence(['views', 'cli', 'extension'], [STARTING]) },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: { '@typescript-eslint/no-unused-expressions': 'off', '@typescript-eslint/no-non-null-assertion': 'error' },
  },
);
