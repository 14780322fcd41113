/**
 * Changed files that decide what a check does: files that its command line names, scripts and build files that these
 * name in turn, and configuration that test, build and repository tools read on their own. Tests themselves are not
 * included. Pure; only files with known names are found.
 */
import { startOf } from '../../text/storableText';

/** Reads a file of the proven commit; undefined if there is none. */
export type TextOf = (file: string) => Promise<string | undefined>;

/** How many files are read to find the names in them. */
const MAX_READ = 40;
const MAX_TEXT_LENGTH = 200_000;

/** Build files, in which commands name scripts: read even where no command line names them. */
const BUILD_FILES = ['package.json', 'Makefile', 'makefile', 'GNUmakefile', 'justfile', 'Justfile', 'tox.ini'];

/** Files whose text is a list of commands. Sources are not read: they name each other everywhere. */
const COMMANDS = /(?:^|\/)(?:package\.json|GNUmakefile|[Mm]akefile|[Jj]ustfile|tox\.ini|[^/.]+|[^/]+\.(?:sh|bash|mk))$/;

const CONFIGURATION: readonly RegExp[] = [
  // Attributes and hooks of git, and CI.
  /(?:^|\/)\.git(?:ignore|attributes|modules)$/,
  /^\.(?:github|circleci|buildkite|woodpecker|husky|mvn|cargo|config)\//,
  /^\.?(?:gitlab-ci|travis|drone|azure-pipelines|bitbucket-pipelines|appveyor|cirrus|pre-commit-config|lefthook)\.ya?ml$/,
  /^Jenkinsfile$/,
  // Node.
  /(?:^|\/)(?:package|package-lock|npm-shrinkwrap|lerna|nx|turbo|rush|deno|bunfig|jsr)\.(?:jsonc?|toml)$/,
  /(?:^|\/)(?:pnpm-lock|pnpm-workspace|\.pnp)\.(?:ya?ml|c?js)$/,
  /(?:^|\/)(?:yarn\.lock|bun\.lockb?|deno\.lock|\.npmrc|\.yarnrc(?:\.yml)?|\.pnpmfile\.c?js)$/,
  /(?:^|\/)(?:ts|js)config(?:\.[^/]+)?\.json$/,
  /(?:^|\/)\.(?:mocha|eslint|prettier|babel|nyc|c8|swc|stylelint|ava|jshint|npm-check-updates)(?:rc|ignore)(?:\.[^/]+)?$/,
  /(?:^|\/)(?:[^/.]+\.)?(?:jest|vitest|vite|mocha|karma|playwright|cypress|ava|babel|eslint|prettier|webpack|rollup|esbuild|rspack|tsup|stylelint|nightwatch|wdio|jasmine|tap|svelte|next|nuxt|astro)\.(?:[^/]+\.)?(?:config|conf|workspace|setup)\.[^/]+$/,
  /(?:^|\/)(?:jest|vitest|vite|karma|playwright|cypress|ava|babel|eslint|prettier|webpack|rollup|stylelint|wdio|mocha)[.-](?:config|conf|workspace|setup|preset|opts)(?:\.[^/]+)?$/,
  /(?:^|\/)biome\.jsonc?$/,
  /(?:^|\/)(?:gulpfile|Gruntfile|esbuild|Jakefile)\.[cm]?[jt]s$/,
  // Make and similar tools.
  /(?:^|\/)(?:GNUmakefile|[Mm]akefile|[Jj]ustfile|Taskfile\.ya?ml|Rakefile|Earthfile|Dockerfile|SConstruct|meson\.build|CMakeLists\.txt|CMakePresets\.json|CTestTestfile\.cmake)$/,
  /\.(?:mk|cmake)$/,
  /(?:^|\/)(?:BUILD|WORKSPACE|MODULE)(?:\.bazel)?$/,
  /(?:^|\/)\.bazelrc$/,
  // Python.
  /(?:^|\/)(?:pyproject\.toml|setup\.(?:py|cfg)|tox\.ini|noxfile\.py|pytest\.ini|\.pytest\.ini|conftest\.py|mypy\.ini|\.mypy\.ini|\.?ruff\.toml|\.flake8|\.pylintrc|pylintrc|\.coveragerc|Pipfile(?:\.lock)?|poetry\.lock|uv\.lock|requirements[^/]*\.txt|environment\.ya?ml)$/,
  // Go, Rust, JVM, .NET, Ruby, PHP, Elixir, Swift, Dart.
  /(?:^|\/)(?:go\.(?:mod|sum|work|work\.sum)|\.golangci\.[^/]+)$/,
  /(?:^|\/)(?:Cargo\.(?:toml|lock)|build\.rs|rust-toolchain(?:\.toml)?|clippy\.toml|rustfmt\.toml|nextest\.toml)$/,
  /(?:^|\/)(?:pom\.xml|mvnw(?:\.cmd)?|gradlew(?:\.bat)?|gradle\.properties|build\.sbt|build\.xml|[^/]+\.gradle(?:\.kts)?)$/,
  /(?:^|\/)gradle\//,
  /(?:^|\/)(?:[^/]+\.(?:csproj|fsproj|vbproj|sln|slnx|runsettings)|Directory\.[^/]+\.(?:props|targets)|global\.json|nuget\.config)$/i,
  /(?:^|\/)(?:Gemfile(?:\.lock)?|\.rspec|\.rubocop\.yml|spec_helper\.rb|rails_helper\.rb|test_helper\.rb)$/,
  /(?:^|\/)(?:composer\.(?:json|lock)|phpunit\.xml(?:\.dist)?|phpstan\.neon(?:\.dist)?|mix\.(?:exs|lock)|test_helper\.exs|Package\.(?:swift|resolved)|pubspec\.(?:yaml|lock)|analysis_options\.yaml|dart_test\.yaml|build\.zig(?:\.zon)?)$/,
  // Versions of tools, and variables.
  /(?:^|\/)(?:\.nvmrc|\.node-version|\.python-version|\.ruby-version|\.tool-versions|\.?mise\.toml|\.envrc|\.env(?:\.[^/]+)?)$/,
];

/** In the order of `changed`. Empty if there is no check. */
export async function decidingFiles(
  checks: readonly (readonly string[])[],
  changed: readonly string[],
  textOf: TextOf,
): Promise<string[]> {
  if (checks.length === 0) return [];
  const named = await namedFiles(checks, textOf);
  return changed.filter((file) => named.has(file) || CONFIGURATION.some((pattern) => pattern.test(file)));
}

/** Files that command lines name, and files that these scripts name. Includes paths that are not files. */
async function namedFiles(checks: readonly (readonly string[])[], textOf: TextOf): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  const waiting = [...BUILD_FILES];
  const note = (text: string, folder: string): void => {
    for (const file of pathsIn(text, folder)) {
      if (named.has(file)) continue;
      named.add(file);
      waiting.push(file);
    }
  };
  for (const word of checks.flat()) note(word, '');
  let read = 0;
  for (let file = waiting.pop(); file !== undefined && read < MAX_READ; file = waiting.pop()) {
    if (!COMMANDS.test(file)) continue;
    const text = await textOf(file);
    if (text === undefined) continue;
    read += 1;
    const commands = commandsOf(file, startOf(text, MAX_TEXT_LENGTH));
    note(commands, '');
    note(commands, folderOf(file));
  }
  return named;
}

/** Only the scripts of a manifest: dependencies and published files are not commands. */
function commandsOf(file: string, text: string): string {
  if (!file.endsWith('package.json')) return text;
  const start = text.indexOf('"scripts"');
  return start < 0 ? '' : text.slice(start, Math.max(start, text.indexOf('}', start)));
}

/** The words of a text that can be paths inside the repository, relative to a folder. */
function pathsIn(text: string, folder: string): string[] {
  const words = text.split(/[\s"'`;&|()<>{}[\],=:$]+/);
  return words.flatMap((word) => normalized(folder, word.replaceAll('\\', '/')) ?? []);
}

/** Undefined for options, and for paths that are absolute or outside the repository. */
function normalized(folder: string, word: string): string | undefined {
  if (word === '' || word.startsWith('/') || word.startsWith('-') || word.length > 400) return undefined;
  const parts: string[] = folder === '' ? [] : folder.split('/');
  for (const part of word.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '' && part !== '.' && part !== '..') parts.push(part);
  }
  return parts.length === 0 ? undefined : parts.join('/');
}

function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.lastIndexOf('/')));
}
