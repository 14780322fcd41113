/** Which changed files decide what a check does. */
import assert from 'node:assert/strict';
import { decidingFiles } from '../../../../src/kernel/tasks/project/decidingFiles';

const FILES: Readonly<Record<string, string>> = {
  'package.json': '{"scripts": {"test": "node scripts/test.mjs && sh tools/lint.sh"}, "main": "src/index.js"}',
  'check.sh': '#!/bin/sh\n. ./lib/common.sh\nmake verify',
  'tools/lint.sh': 'sh ./rules/all.sh',
  Makefile: 'verify:\n\tpython tools/verify.py --all\n',
};
const textOf = (file: string): Promise<string | undefined> => Promise.resolve(FILES[file]);
const named = (check: string, ...changed: readonly string[]): Promise<string[]> =>
  decidingFiles([check.split(' ')], changed, textOf);

describe('files that decide a check', () => {
  const decides: readonly (readonly [check: string, file: string])[] = [
    ['./check.sh', 'check.sh'],
    ['sh check.sh', 'check.sh'],
    ['bash -c ./check.sh&&true', 'check.sh'],
    ['node --config=conf/own.json', 'conf/own.json'],
    ['sh check.sh', 'lib/common.sh'],
    ['make verify', 'tools/verify.py'],
    ['npm test', 'scripts/test.mjs'],
    ['npm test', 'tools/lint.sh'],
    ['npm test', 'tools/rules/all.sh'],
    ['npm test', 'package.json'],
    ['pnpm test', 'pnpm-lock.yaml'],
    ['make', 'Makefile'],
    ['pytest', 'tests/conftest.py'],
    ['pytest', 'pyproject.toml'],
    ['go test ./...', 'go.mod'],
    ['cargo test', 'crates/a/build.rs'],
    ['cargo test', '.cargo/config.toml'],
    ['./gradlew test', 'gradle/wrapper/gradle-wrapper.properties'],
    ['mvn test', 'pom.xml'],
    ['dotnet test', 'App.Tests/App.Tests.csproj'],
    ['npx jest', 'jest.config.ts'],
    ['npx vitest', 'packages/a/vitest.config.mts'],
    ['npx mocha', '.mocharc.json'],
    ['npx eslint .', 'eslint.config.mjs'],
    ['tsc', 'tsconfig.build.json'],
    ['true', '.github/workflows/ci.yml'],
    ['true', '.gitattributes'],
    ['true', 'sub/.gitignore'],
  ];
  for (const [check, file] of decides) {
    it(`of ${check} are among ${file}`, async () => {
      assert.deepEqual(await named(check, 'src/index.js', file), [file]);
    });
  }

  it('are not the work itself, its tests or its texts', async () => {
    const changed = ['src/index.js', 'test/index.test.js', 'README.md', 'docs/config.md', 'src/config/index.ts'];
    assert.deepEqual(await named('npm test', ...changed), []);
  });

  it('are none where there is no check', async () => {
    assert.deepEqual(await decidingFiles([], ['package.json'], textOf), []);
  });
});
