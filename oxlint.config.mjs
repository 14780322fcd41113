// The linter, with the compiler's own errors and the layer fence: imports point downwards only (CONTRIBUTING.md).

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
          regex: `^(\\.\\./)+${name}(/|$)`,
          message: `Imports point downwards only: this layer may not import ${name}.`,
        })),
        ...packages.map((name) => ({
          regex: name.endsWith(':') ? `^${name}` : `^${name}(/|$)`,
          message: `This layer may not import ${name}.`,
        })),
      ],
    },
  ],
});

const EDITOR_LAYERS = ['views', 'commands', 'window', 'extension'];

/** The strict rules of typescript-eslint that take no options. Here are no enums, so there is no rule on assigning them. */
const STRICT = [
  'await-thenable',
  'ban-ts-comment',
  'consistent-type-imports',
  'no-array-delete',
  'no-base-to-string',
  'no-deprecated',
  'no-duplicate-enum-values',
  'no-duplicate-type-constituents',
  'no-dynamic-delete',
  'no-empty-object-type',
  'no-explicit-any',
  'no-extra-non-null-assertion',
  'no-extraneous-class',
  'no-floating-promises',
  'no-for-in-array',
  'no-generated-empty-object-type',
  'no-implied-eval',
  'no-invalid-void-type',
  'no-meaningless-void-operator',
  'no-misused-new',
  'no-misused-promises',
  'no-misused-spread',
  'no-mixed-enums',
  'no-namespace',
  'no-non-null-asserted-nullish-coalescing',
  'no-non-null-asserted-optional-chain',
  'no-non-null-assertion',
  'no-redundant-type-constituents',
  'no-require-imports',
  'no-this-alias',
  'no-unnecessary-boolean-literal-compare',
  'no-unnecessary-template-expression',
  'no-unnecessary-type-arguments',
  'no-unnecessary-type-assertion',
  'no-unnecessary-type-constraint',
  'no-unnecessary-type-conversion',
  'no-unnecessary-type-parameters',
  'no-unsafe-argument',
  'no-unsafe-assignment',
  'no-unsafe-call',
  'no-unsafe-declaration-merging',
  'no-unsafe-enum-comparison',
  'no-unsafe-function-type',
  'no-unsafe-member-access',
  'no-unsafe-return',
  'no-unsafe-unary-minus',
  'no-useless-default-assignment',
  'no-wrapper-object-types',
  'only-throw-error',
  'prefer-as-const',
  'prefer-literal-enum-member',
  'prefer-namespace-keyword',
  'prefer-promise-reject-errors',
  'prefer-reduce-type-parameter',
  'prefer-return-this-type',
  'related-getter-setter-pairs',
  'require-await',
  'restrict-plus-operands',
  'switch-exhaustiveness-check',
  'triple-slash-reference',
  'unbound-method',
  'unified-signatures',
  'use-unknown-in-catch-callback-variable',
];
const ALSO = [
  'eqeqeq',
  'no-array-constructor',
  'no-unused-vars',
  'no-unused-expressions',
  'no-useless-constructor',
  'no-var',
  'prefer-const',
  'prefer-rest-params',
  'prefer-spread',
];

export default {
  plugins: ['typescript', 'import'],
  categories: { correctness: 'off' },
  options: { typeAware: true, typeCheck: true, reportUnusedDisableDirectives: 'warn' },
  ignorePatterns: ['dist/**', 'out/**', 'node_modules/**', '.cache/**', '.tmp/**', 'media/**', '**/*.mjs'],
  rules: {
    ...Object.fromEntries(STRICT.map((name) => [`typescript/${name}`, 'error'])),
    ...Object.fromEntries(ALSO.map((name) => [name, 'error'])),
    'typescript/restrict-template-expressions': [
      'error',
      {
        allowAny: true,
        allowNullish: true,
        allowRegExp: true,
        allowNumber: true,
        allowBoolean: true,
      },
    ],
    'typescript/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    'typescript/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
    // Parts of the extension export values (scripts/build/commonJs.mjs).
    'import/no-mutable-exports': 'error',
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    'no-restricted-globals': ['error', { name: 'setInterval', message: 'Use a timer with an owner.' }],
  },
  overrides: [
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
    // Trust is asked in the first one; `test/contract/sources/processes.test.ts` gives the reasons for all three.
    {
      files: [
        'src/host/process/startProcess.ts',
        'src/host/process/system/systemTools.ts',
        'src/host/launcher/launcher.ts',
        'src/host/session/sessionHost.ts',
      ],
      rules: fence(['services', 'cli', ...EDITOR_LAYERS], ['vscode']),
    },
    { files: ['src/services/**/*.ts'], rules: fence(['cli', ...EDITOR_LAYERS]) },
    { files: ['src/cli/**/*.ts'], rules: fence(EDITOR_LAYERS) },
    { files: ['src/views/**/*.ts'], rules: fence(['commands', 'window', 'cli', 'extension'], [STARTING]) },
    { files: ['src/window/**/*.ts'], rules: fence(['commands', 'views', 'cli', 'extension'], [STARTING]) },
    { files: ['src/commands/**/*.ts'], rules: fence(['views', 'cli', 'extension'], [STARTING]) },
    { files: ['test/**/*.ts', 'bench/**/*.ts'], rules: { 'no-unused-expressions': 'off' } },
  ],
};
